"""Fit the weights of tempo and key on generated music: `python -m scripts.fit_attributes [--pieces N] [-o FILE]`.

Seeds from 100,000 on, which no benchmark uses. Excerpts are as long as the product's: two of 6 s to three of 10 s,
or one. Six pieces in a hundred are bare clicks; as many have no pulse and teach the tempo to doubt: their target is
every tempo alike.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from benchmarks.generated_music import generate, generate_clicks, generate_pulseless
from models.encoders.attribute_weights import CHECKPOINT
from models.encoders.key import key_offsets, peak_chroma, relative_triads, triad_shares
from models.encoders.spectrogram import SAMPLE_RATE, Array, Floats, Spectrogram, spectrogram
from models.encoders.tempo import TEMPI_BPM, pulse, tempo_view

FIRST_SEED = 100_000
CUTS = ((2, 6.0), (2, 8.0), (3, 8.0), (3, 10.0), (1, 15.0), (1, 30.0))
"""Number of excerpts and seconds of each, about as `indexer.reading.excerpts` cuts files of a minute and longer."""
HIDDEN = 16
TEMPO_SPREAD_OCTAVES = 0.02


def cut(signal: Array, seed: int) -> Spectrogram:
    """Cut a piece into excerpts, one of six ways."""
    count, seconds = CUTS[seed // 100 % len(CUTS)]
    starts = np.linspace(0, signal.size - seconds * SAMPLE_RATE, count).astype(int).tolist()
    return spectrogram([signal[start : start + int(seconds * SAMPLE_RATE)] for start in starts])


def tempo_example(seed: int) -> tuple[Array, Floats, Spectrogram, int] | None:
    """Give the tempo's view and target, the spectrogram and the key (-1: none) of a seed; None where nothing pulses."""
    kind = seed % 100
    even = np.full(TEMPI_BPM.size, 1 / TEMPI_BPM.size)
    if kind < 6:
        spectrum, key, bpm = cut(generate_pulseless(seed), seed), -1, None
    else:
        piece = generate_clicks(seed) if kind < 12 else generate(seed)
        spectrum, key, bpm = cut(piece.signal, seed), -1 if kind < 12 else piece.key, piece.tempo_bpm
    found = pulse(spectrum.onset_bands)
    if found is None:
        return None
    return tempo_view(found), even if bpm is None else target(bpm), spectrum, key


def target(bpm: float) -> Floats:
    """Spread the truth over the tempi next to it [shape=(119,)]."""
    bell = np.exp(-0.5 * (np.log2(TEMPI_BPM / bpm) / TEMPO_SPREAD_OCTAVES) ** 2)
    return np.asarray(bell / bell.sum())


def fit_tempo(views: Array, targets: Floats, *, epochs: int = 40) -> dict[str, Array]:
    """Fit one hidden layer that rates every tempo alike, by cross entropy over the tempi."""
    mean, scale = views.mean(axis=(0, 1)), views.std(axis=(0, 1)) + 1e-6
    inputs = torch.tensor((views - mean) / scale)
    wanted = torch.tensor(targets, dtype=torch.float32)
    hidden, output = torch.nn.Linear(views.shape[2], HIDDEN), torch.nn.Linear(HIDDEN, 1, bias=False)
    optimiser = torch.optim.AdamW([*hidden.parameters(), *output.parameters()], lr=4e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for rows in torch.randperm(len(inputs)).split(64):
            rated = output(torch.relu(hidden(inputs[rows]))).squeeze(-1)
            loss = -(wanted[rows] * torch.log_softmax(rated, dim=1)).sum(dim=1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return {
        "tempo.mean": mean,
        "tempo.scale": scale,
        "tempo.hidden": hidden.weight.detach().numpy(),
        "tempo.hidden_bias": hidden.bias.detach().numpy(),
        "tempo.output": output.weight.detach().numpy()[0],
    }


def fit_key(offsets: Floats, triads: Floats, keys: list[int], *, penalty: float = 0.01) -> dict[str, Array]:
    """Fit what the triads add to the profiles, drawn towards nothing, by cross entropy over the 24 keys."""
    mean, scale = triads.mean(axis=(0, 1)), triads.std(axis=(0, 1)) + 1e-6
    inputs = torch.tensor((triads - mean) / scale, dtype=torch.float32)
    prior, truth = torch.tensor(offsets, dtype=torch.float32), torch.tensor(keys)
    layer = torch.nn.Linear(24, 2)
    torch.nn.init.zeros_(layer.weight)
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.02)
    for _ in range(300):
        rated = prior + layer(inputs).transpose(1, 2).flatten(1)
        loss = torch.nn.functional.cross_entropy(rated, truth) + penalty * layer.weight.square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    fitted = {"key.mean": mean, "key.scale": scale, "key.triads": layer.weight.detach().numpy()}
    fitted["key.bias"] = layer.bias.detach().numpy()
    return {name: np.asarray(values, dtype=np.float32) for name, values in fitted.items()}


def main() -> None:
    """Generate, fit both and write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=2500)
    parser.add_argument("-o", "--output", type=Path, default=CHECKPOINT)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    views, targets, offsets, triads, keys = [], [], [], [], []
    for seed in range(FIRST_SEED, FIRST_SEED + arguments.pieces):
        example = tempo_example(seed)
        if example is None:
            continue
        view, wanted, spectrum, key = example
        views.append(view)
        targets.append(wanted)
        if key >= 0:
            peaks = peak_chroma(spectrum)
            offsets.append(key_offsets(np.sqrt(spectrum.chroma).mean(axis=0), peaks))
            triads.append(relative_triads(triad_shares(peaks, spectrum)))
            keys.append(key)
    weights = fit_tempo(np.stack(views), np.stack(targets)) | fit_key(np.stack(offsets), np.stack(triads), keys)
    save_file({name: np.ascontiguousarray(values) for name, values in weights.items()}, arguments.output)
    arguments.output.chmod(0o644)
    print(f"{arguments.output}: fitted on {len(views)} pieces, {len(keys)} of them with a key")


if __name__ == "__main__":
    main()
