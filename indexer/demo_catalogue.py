"""List what the demo library holds: invented artists and how they sound, their albums, tracks and words.

Names, titles and lyrics were written for this project.
"""

from dataclasses import dataclass

from indexer.demo_sound import Style, Voice

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
DORIAN = (0, 2, 3, 5, 7, 9, 10)
HIJAZ = (0, 1, 4, 5, 7, 8, 10)

PLUCK = Voice((1.0, 0.6, 0.4, 0.25, 0.15, 0.1), 0.004, 0.28)
OUD = Voice((1.0, 0.9, 0.3, 0.5, 0.1, 0.25, 0.1), 0.003, 0.16, 1.2)
FLUTE = Voice((1.0, 0.12, 0.05), 0.07, 1.5)
SAW = Voice(tuple(1 / n for n in range(1, 24)), 0.005, 0.25, 1.3)
SQUARE = Voice(tuple(1 / n if n % 2 else 0.0 for n in range(1, 20)), 0.003, 0.12)
PAD = Voice((1.0, 0.3, 0.2, 0.08), 0.6, 6.0, 1.1)
ORGAN = Voice((1.0, 0.7, 0.0, 0.5, 0.0, 0.0, 0.0, 0.3), 0.02, 3.0, 0.8)
KEYS = Voice((1.0, 0.2, 0.35, 0.05, 0.1), 0.005, 0.7)
BRASS = Voice((0.7, 1.0, 0.9, 0.6, 0.4, 0.25, 0.12), 0.05, 0.9)
LOW = Voice((1.0, 0.4, 0.1), 0.008, 0.5, 1.2)
GROWL = Voice((1.0, 0.8, 0.6, 0.4, 0.3, 0.2), 0.004, 0.3, 1.1)

STYLES: dict[str, Style] = {
    "Marisol Vey": Style(84, 67, MAJOR, (0, 3, 4, 0), PLUCK, PLUCK, LOW, hat="..x.", notes_per_beat=1.4),
    "Paper Lanterns": Style(98, 62, MAJOR, (0, 5, 3, 4), FLUTE, PLUCK, LOW, kick="x.......", notes_per_beat=1.2),
    "Voltaire Grid": Style(
        128, 57, MINOR, (0, 5, 2, 6), SAW, SQUARE, GROWL, kick="x...", snare="....x...", hat="..x.", notes_per_beat=2
    ),
    "Nula": Style(66, 54, DORIAN, (0, 3), PAD, PAD, PAD, notes_per_beat=0.5),
    "The Ostrander Quartet": Style(
        116, 58, DORIAN, (1, 4, 0, 0), BRASS, KEYS, LOW, snare="............x...", hat="x...x.x.", swing=0.3
    ),
    "Dunya & Rafiq": Style(
        92, 62, HIJAZ, (0, 0, 1, 0), OUD, ORGAN, LOW, kick="x.....x.", snare="..x...x...x.x...", notes_per_beat=1.8
    ),
}
"""Artist -> sound. "Dunya & Rafiq" is one name: nothing shows either half alone, so it must stay whole."""


@dataclass(frozen=True, slots=True)
class DemoTrack:
    """One track: `players` are the styles heard in it, the first leading; no `artist` means the album's."""

    title: str
    artist: str = ""
    lyrics: tuple[str, ...] = ()
    composer: str = ""
    lyricist: str = ""
    remixer: str = ""
    tune_of: str = ""
    """The title whose melody this one plays again."""
    players: tuple[str, ...] = ()
    tagged: bool = True


@dataclass(frozen=True, slots=True)
class DemoAlbum:
    """One folder: `cover` is "embedded", "folder" or "" for none, `words` "embedded" or "lrc", `suffix` the format."""

    artist: str
    title: str
    year: int
    genre: str
    suffix: str
    cover: str
    words: str
    tracks: tuple[DemoTrack, ...]


ALBUMS: tuple[DemoAlbum, ...] = (
    DemoAlbum(
        "Marisol Vey", "Letters from the Harbour", 2011, "Folk", ".mp3", "embedded", "embedded",
        (
            DemoTrack("Harbour Song", lyrics=(
                "The boats come home before the rain",
                "My mother counts them one by one",
                "The sea gives back what it can spare",
                "And keeps the rest till day is done",
            ), composer="Marisol Vey"),
            DemoTrack("Your Letter", lyrics=(
                "I read your letter by the stove",
                "The ink had run, the stamp was torn",
                "You wrote that winter will be short",
                "You wrote the child was safely born",
            ), composer="Marisol Vey"),
            DemoTrack("Olive Trees", composer="Tomas Ilves"),
            DemoTrack("Two Lamps", artist="Marisol Vey & Paper Lanterns", lyrics=(
                "Two lamps are burning on the hill",
                "One is for you and one for me",
                "Whoever first comes home tonight",
                "Will leave them burning for the sea",
            ), players=("Marisol Vey", "Paper Lanterns")),
        ),
    ),
    DemoAlbum(
        "Marisol Vey", "Salt Wind", 2015, "Folk", ".flac", "folder", "lrc",
        (
            DemoTrack("Salt Wind", lyrics=(
                "Salt wind over the broken wall",
                "Take my name to the other shore",
                "Tell them the well is sweet again",
                "Tell them to knock at any door",
            ), lyricist="Ana Brandt"),
            DemoTrack("The Ferryman", artist="Marisol Vey feat. Dunya & Rafiq", lyrics=(
                "Ferryman, ferryman, what is your fare",
                "A coin or a song or a lock of my hair",
                "A song, said the man, for the water is wide",
                "And nobody sings on the opposite side",
            ), players=("Marisol Vey", "Dunya & Rafiq")),
            DemoTrack("Low Tide", composer="Tomas Ilves"),
            DemoTrack("Fisherman's Waltz", tagged=False),
        ),
    ),
    DemoAlbum(
        "Paper Lanterns", "Small Hours", 2018, "Folk", ".ogg", "embedded", "embedded",
        (
            DemoTrack("Small Hours", lyrics=(
                "The house is breathing in the dark",
                "A kettle ticks, a dog turns round",
                "I hear the snow before it falls",
                "It has a colour, not a sound",
            )),
            DemoTrack("Kite", lyrics=(
                "We ran the kite along the field",
                "Till all the string was in the sky",
                "You laughed and let the handle go",
                "And neither of us wondered why",
            )),
            DemoTrack("Lantern Street", composer="Tomas Ilves"),
            DemoTrack("Harbour Song (Paper Lanterns Version)", tune_of="Harbour Song", composer="Marisol Vey"),
        ),
    ),
    DemoAlbum(
        "Voltaire Grid", "Night Bus", 2019, "Electronic", ".m4a", "embedded", "embedded",
        (
            DemoTrack("Night Bus", lyrics=(
                "City lights on the window glass",
                "Nobody speaks on the last night bus",
                "Count the stops and let them pass",
                "The road goes on ahead of us",
            )),
            DemoTrack("Turnstile"),
            DemoTrack("Machine Heart", lyrics=(
                "I am a circuit, I am a wire",
                "Teach me to dance, teach me desire",
                "Switch off the sun, turn the bass up higher",
                "Machine heart beating, machine on fire",
            )),
            DemoTrack("Kite (Voltaire Grid Remix)", artist="Paper Lanterns", remixer="Voltaire Grid", tune_of="Kite"),
        ),
    ),
    DemoAlbum(
        "Voltaire Grid", "Signal Lost", 2022, "Electronic", ".opus", "", "lrc",
        (
            DemoTrack("Signal Lost", lyrics=(
                "Calling the tower, nobody there",
                "Static and starlight fill the air",
                "If you can hear me, answer soon",
                "I left my shadow on the moon",
            )),
            DemoTrack("Overclock"),
            DemoTrack("Cold Start", artist="Voltaire Grid feat. Nula", players=("Voltaire Grid", "Nula")),
            DemoTrack("Grid Lock"),
        ),
    ),
    DemoAlbum(
        "Nula", "Slow Weather", 2016, "Ambient", ".flac", "folder", "embedded",
        (
            DemoTrack("Fog Index"), DemoTrack("Slow Weather"), DemoTrack("Snow Line"),
            DemoTrack("Lake, Unlit", artist="Nula & Marisol Vey", lyrics=(
                "Sleep now, the lake is black and still",
                "The mountain holds its breath for you",
                "No wind will come, no bird will call",
                "Until the morning lets them through",
            ), players=("Nula", "Marisol Vey")),
        ),
    ),
    DemoAlbum(
        "The Ostrander Quartet", "Blue Corridor", 1998, "Jazz", ".mp3", "folder", "embedded",
        (
            DemoTrack("Blue Corridor", composer="Ines Ostrander"),
            DemoTrack("Third Floor, Left", composer="Ines Ostrander"),
            DemoTrack("Umbrella Stand", composer="Leo Marchetti"),
            DemoTrack("Olive Trees", tune_of="Olive Trees", composer="Tomas Ilves"),
        ),
    ),
    DemoAlbum(
        "The Ostrander Quartet", "Afterhours", 2003, "Jazz", ".m4a", "embedded", "embedded",
        (
            DemoTrack("Afterhours", composer="Ines Ostrander"),
            DemoTrack("Closing Time Again", composer="Leo Marchetti"),
            DemoTrack("The Cat Upstairs", composer="Ines Ostrander"),
            DemoTrack("Last Round", artist="The Ostrander Quartet feat. Marisol Vey", lyrics=(
                "One more glass and one more lie",
                "The band is packing up the sky",
                "Tell me you love me, make it rhyme",
                "The barman calls for closing time",
            ), players=("The Ostrander Quartet", "Marisol Vey")),
        ),
    ),
    DemoAlbum(
        "Dunya & Rafiq", "Layali", 2007, "Arabic", ".mp3", "embedded", "lrc",
        (
            DemoTrack("Layali", composer="Rafiq Saleh"),
            DemoTrack("نسيم الصباح", lyrics=(
                "يا نسيم الصباح سلّم على داري",
                "واحمل إلى أهلي سلامي وأخباري",
                "قل لهم إن الطريق طويل",
                "والقلب يعرف وحده أسراري",
            ), composer="Rafiq Saleh"),
            DemoTrack("Jasmine Gate", composer="Rafiq Saleh"),
            DemoTrack("Caravan of Stars", lyrics=(
                "Caravan of stars above the sand",
                "Carry the night from land to land",
                "The desert is wide, the water is deep",
                "The camels are singing the moon to sleep",
            )),
        ),
    ),
)  # fmt: skip

PLAYLISTS: dict[str, tuple[str, ...]] = {
    "Evening walk": ("Harbour Song", "Two Lamps", "Small Hours", "Low Tide", "Lake, Unlit", "Jasmine Gate"),
    "Work": ("Fog Index", "Slow Weather", "Snow Line", "Blue Corridor", "Umbrella Stand", "Turnstile"),
    "Dance": ("Night Bus", "Machine Heart", "Overclock", "Grid Lock", "Kite (Voltaire Grid Remix)"),
}
"""Playlist -> titles; a title that stands twice means its first track."""
