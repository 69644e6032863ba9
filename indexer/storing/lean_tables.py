"""Hold the SQL of the sixth migration, which says once what the tables before it said for every track.

- `sounds` has one row a track where `attributes` had one for each estimate and `sound_words` another.
- `people` has each name once; `credited` says who is credited on which track, and the view `credits` shows both.
- In the graph a track stands for itself, by its id; `nodes` are all others, with numbers below zero. `ties` has what is
  told of an edge once for all edges it is told of, `tied` the edges themselves; the view `edges` shows both.
"""

LEAN_TABLES = """
CREATE TABLE sounds (
    track_id INTEGER PRIMARY KEY REFERENCES tracks(id) ON DELETE CASCADE, words TEXT NOT NULL DEFAULT '',
    tempo_bpm REAL, tempo_confidence REAL, key REAL, key_confidence REAL, loudness_lufs REAL, loudness_range_lu REAL,
    brightness_hz REAL, onset_rate REAL, pulse_clarity REAL, attack_share REAL, flatness_db REAL,
    highlight_seconds REAL, highlight_confidence REAL);
INSERT INTO sounds
    SELECT h.track_id, coalesce((SELECT w.words FROM sound_words w WHERE w.track_id = h.track_id), ''),
    max(a.value) FILTER (WHERE a.name = 'tempo_bpm'), max(a.confidence) FILTER (WHERE a.name = 'tempo_bpm'),
    max(a.value) FILTER (WHERE a.name = 'key'), max(a.confidence) FILTER (WHERE a.name = 'key'),
    max(a.value) FILTER (WHERE a.name = 'loudness_lufs'), max(a.value) FILTER (WHERE a.name = 'loudness_range_lu'),
    max(a.value) FILTER (WHERE a.name = 'brightness_hz'), max(a.value) FILTER (WHERE a.name = 'onset_rate'),
    max(a.value) FILTER (WHERE a.name = 'pulse_clarity'), max(a.value) FILTER (WHERE a.name = 'attack_share'),
    max(a.value) FILTER (WHERE a.name = 'flatness_db'), max(a.value) FILTER (WHERE a.name = 'highlight_seconds'),
    max(a.confidence) FILTER (WHERE a.name = 'highlight_seconds')
    FROM (SELECT track_id FROM sound_words UNION SELECT track_id FROM attributes ORDER BY 1) h
    LEFT JOIN attributes a ON a.track_id = h.track_id GROUP BY h.track_id;
DROP TABLE attributes;
DROP TABLE sound_words;

CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL,
                     musicbrainz_id TEXT NOT NULL DEFAULT '', UNIQUE (name, musicbrainz_id));
INSERT OR IGNORE INTO people (name, folded, musicbrainz_id)
    SELECT name, folded, coalesce(musicbrainz_id, '') FROM credits ORDER BY track_id, position;
CREATE TABLE credited (track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE, position INTEGER NOT NULL,
                       person_id INTEGER NOT NULL REFERENCES people(id), role TEXT NOT NULL, evidence TEXT NOT NULL,
                       PRIMARY KEY (track_id, position)) WITHOUT ROWID;
INSERT INTO credited
    SELECT c.track_id, c.position, p.id, c.role, c.evidence FROM credits c
    JOIN people p ON p.name = c.name AND p.musicbrainz_id = coalesce(c.musicbrainz_id, '')
    ORDER BY c.track_id, c.position;
CREATE INDEX credited_person ON credited (person_id);
DROP TABLE credits;
CREATE VIEW credits AS
    SELECT c.track_id, c.position, p.name, p.folded, c.role, c.evidence,
    nullif(p.musicbrainz_id, '') AS musicbrainz_id FROM credited c CROSS JOIN people p ON p.id = c.person_id;
CREATE TRIGGER people_forgotten AFTER DELETE ON credited
    WHEN NOT EXISTS (SELECT 1 FROM credited WHERE person_id = old.person_id)
    BEGIN DELETE FROM people WHERE id = old.person_id; END;

ALTER TABLE edges RENAME TO former_edges;
ALTER TABLE nodes RENAME TO former_nodes;
CREATE TABLE nodes (id INTEGER PRIMARY KEY CHECK (id < 0), kind TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
                    UNIQUE (kind, key));
CREATE TABLE ties (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, weight REAL NOT NULL, provenance TEXT NOT NULL);
CREATE TABLE tied (source INTEGER NOT NULL, target INTEGER NOT NULL REFERENCES nodes(id) ON DELETE CASCADE,
                   tie_id INTEGER NOT NULL, PRIMARY KEY (source, target, tie_id)) WITHOUT ROWID;
CREATE TEMP TABLE renumbered (former INTEGER PRIMARY KEY, id INTEGER NOT NULL);
INSERT INTO renumbered SELECT id, track_id FROM former_nodes WHERE track_id IS NOT NULL;
INSERT INTO renumbered SELECT id, -row_number() OVER (ORDER BY id) FROM former_nodes WHERE track_id IS NULL;
INSERT INTO nodes
    SELECT r.id, n.kind, n.key, n.name FROM former_nodes n JOIN renumbered r ON r.former = n.id WHERE r.id < 0;
INSERT INTO ties (kind, weight, provenance)
    SELECT kind, weight, provenance FROM former_edges GROUP BY 1, 2, 3 ORDER BY count(*) DESC;
INSERT INTO tied
    SELECT s.id, t.id, i.id FROM former_edges e
    JOIN renumbered s ON s.former = e.source JOIN renumbered t ON t.former = e.target
    JOIN ties i ON i.provenance = e.provenance AND i.kind = e.kind AND i.weight = e.weight ORDER BY 1, 2, 3;
CREATE INDEX tied_target ON tied (target);
DROP TABLE former_edges;
DROP TABLE former_nodes;
DROP TABLE renumbered;
CREATE VIEW edges AS
    SELECT e.source, e.target, i.kind, i.weight, i.provenance FROM tied e CROSS JOIN ties i ON i.id = e.tie_id;
CREATE TRIGGER tracks_untied AFTER DELETE ON tracks BEGIN DELETE FROM tied WHERE source = old.id; END;
"""
