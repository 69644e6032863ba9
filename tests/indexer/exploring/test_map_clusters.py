"""The clusters of kept maps: counted as a facet, found by `cluster:`, none where no map was made."""

import shutil
from pathlib import Path

import pytest

from indexer.explorer import Explorer
from indexer.exploring.completion import completions
from indexer.exploring.conditions import all_matching, matching
from indexer.exploring.facets import term_of
from indexer.exploring.map_clusters import NAME, cluster_facet, cluster_names, label_of
from indexer.exploring.query import parse_query
from indexer.maps.charts import Chart, open_chart


@pytest.fixture
def explorer(indexed_demo: Path, tmp_path: Path) -> Explorer:
    shutil.copytree(indexed_demo / "library", tmp_path / "library", ignore=shutil.ignore_patterns("maps"))
    return Explorer(tmp_path / "library")


def found(explorer: Explorer, text: str) -> set[int]:
    connection, conditions = explorer.catalogue.connection, parse_query(text).conditions
    ids = all_matching(connection, conditions)
    assert sorted(matching(connection, conditions, limit=99)) == sorted(ids)
    return set(ids)


def members(chart: Chart, number: int) -> set[int]:
    return set(chart.ids[chart.clusters == number].tolist())


def test_without_a_map_there_are_no_clusters(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    assert (cluster_names(connection), cluster_facet(connection)) == ([], ())
    assert found(explorer, "cluster:slow") == set()
    assert len(found(explorer, "-cluster:slow")) == 36


def test_clusters_of_the_joint_space_are_a_facet_and_a_field(explorer: Explorer) -> None:
    chart = open_chart(explorer.session(), how="pca")
    connection = explorer.catalogue.connection
    assert sorted(cluster_names(connection)) == sorted(chart.names)
    (facet,) = cluster_facet(connection)
    assert facet.name == NAME
    assert [value.tracks for value in facet.values] == sorted((value.tracks for value in facet.values), reverse=True)
    for value in facet.values:
        number = chart.names.index(value.label)
        assert found(explorer, value.term) == members(chart, number)
        assert value.tracks == len(members(chart, number))
        assert explorer.search(value.term, count=99).hits
    first = facet.values[0]
    assert found(explorer, f"-{first.term}") == set(range(1, 37)) - found(explorer, first.term)
    assert completions(connection, NAME, first.label[:3])[0].startswith(first.label[:3])


def test_some_tracks_are_counted_and_missing_ones_are_not(explorer: Explorer) -> None:
    chart = open_chart(explorer.session(), how="pca")
    some = chart.ids[::3].tolist()
    (facet,) = cluster_facet(explorer.catalogue.connection, some)
    counted = {value.label: value.tracks for value in facet.values}
    assert sum(counted.values()) == len(some)
    assert counted == {n: c for i, n in enumerate(chart.names) if (c := len(members(chart, i).intersection(some)))}
    assert cluster_facet(explorer.catalogue.connection, []) == ()
    within = explorer.similar(some[0], count=99, within=facet.values[0].term).hits
    assert {hit.track.id for hit in within} <= found(explorer, facet.values[0].term)


def test_clusters_of_another_map_are_named_with_it(explorer: Explorer) -> None:
    joint = open_chart(explorer.session(), how="pca")
    audio = open_chart(explorer.session(), "audio", how="pca")
    for number, name in enumerate(audio.names):
        assert found(explorer, term_of(NAME, label_of("audio", name))) == members(audio, number)
    assert label_of("joint", joint.names[0]) == joint.names[0]
    (facet,) = cluster_facet(explorer.catalogue.connection)
    assert {value.label for value in facet.values} == set(joint.names)


def test_a_map_made_again_counts_anew(explorer: Explorer) -> None:
    open_chart(explorer.session(), how="pca")
    before = cluster_facet(explorer.catalogue.connection)
    shutil.rmtree(explorer.catalogue.library / "maps")
    assert cluster_facet(explorer.catalogue.connection) == ()
    open_chart(explorer.session(), how="pca")
    assert cluster_facet(explorer.catalogue.connection) == before
