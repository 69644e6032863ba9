"""Write the ONNX graph of the packaged text model, once torch has confirmed it, to models/checkpoints."""

from models.encoders.checked_graph import confirmed_graph
from models.encoders.text import GRAPH, MINILM, minilm_shape, model_path
from models.encoders.text_folder import mapped, weight_files
from models.encoders.tokens import Tokens


def main() -> None:
    """Write the graph and say how far its vectors are from torch's."""
    path = model_path()
    shape = minilm_shape(path)
    weights = mapped(weight_files(path, MINILM.name), shape.weights())
    graph, difference = confirmed_graph(shape, weights, MINILM, Tokens(path, limit=MINILM.tokens))
    GRAPH.write_bytes(graph)
    print(f"{GRAPH}: {len(graph)} bytes, 1 - cosine to torch at most {difference:.1g}")


if __name__ == "__main__":
    main()
