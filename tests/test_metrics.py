from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import metrics
from evals.statistics import bootstrap_mean, wilson

FLAGS = st.lists(st.booleans(), max_size=20)


@pytest.mark.parametrize(
    ("found", "needed", "forbidden", "right"),
    [
        ([True, True], 2, False, True),
        ([True, False], 2, False, False),
        ([True, False, True], 2, False, True),
        ([True, True], 2, True, False),
    ],
)
def test_answer_is_correct_with_enough_facts_and_nothing_forbidden(found, needed, forbidden, right):
    assert metrics.answer_is_correct(found, needed=needed, forbidden_found=forbidden) is right


def test_citation_precision_is_the_share_of_supporting_citations():
    assert metrics.citation_precision([True, True, False, True]) == 0.75
    assert metrics.citation_precision([]) is None


def test_citation_recall_counts_needed_facts_and_stops_at_one():
    assert metrics.citation_recall([True, False, False], needed=2) == 0.5
    assert metrics.citation_recall([True, True, True], needed=2) == 1.0
    assert metrics.citation_recall([], needed=0) is None


def test_abstention_matches_a_worked_confusion_matrix():
    # 3 declined rightly, 1 declined wrongly, 2 answered that should have been declined, 4 answered.
    abstained = [True] * 4 + [False] * 6
    unanswerable = [True, True, True, False, True, True, False, False, False, False]
    found = metrics.abstention(abstained, unanswerable)
    assert (found.precision, found.recall) == (3 / 4, 3 / 5)
    assert found.f1 == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))


def test_abstention_has_no_precision_when_nothing_was_declined():
    found = metrics.abstention([False, False], [True, False])
    assert (found.precision, found.recall, found.f1) == (None, 0.0, 0.0)


def test_recall_at_k_counts_facts_once_and_ignores_lower_ranks():
    by_rank = [[True, False, False], [True, False, False], [False, True, False]]
    assert metrics.recall_at(2, by_rank, needed=3) == pytest.approx(1 / 3)
    assert metrics.recall_at(3, by_rank, needed=3) == pytest.approx(2 / 3)
    assert metrics.recall_at(3, by_rank, needed=2) == 1.0
    assert metrics.recall_at(8, [], needed=1) == 0.0


def test_reciprocal_rank_is_one_over_the_first_relevant_rank():
    assert metrics.reciprocal_rank([False, False, True, True]) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank([False, False]) == 0.0


def test_ndcg_matches_a_worked_example():
    # Relevant at ranks 1, 3 and 4 of three relevant passages: (1 + 1/2 + 1/log2 5) over the ideal
    # (1 + 1/log2 3 + 1/2).
    gained, ideal = 1 + 0.5 + 1 / math.log2(5), 1 + 1 / math.log2(3) + 0.5
    value = metrics.ndcg_at(10, [True, False, True, True], relevant_total=3)
    assert value == pytest.approx(gained / ideal)
    assert value == pytest.approx(0.9060, abs=1e-4)


def test_ndcg_is_lower_when_relevant_passages_are_missing():
    assert metrics.ndcg_at(10, [True], relevant_total=1) == 1.0
    assert metrics.ndcg_at(10, [True], relevant_total=2) == pytest.approx(0.6131, abs=1e-4)
    assert metrics.ndcg_at(10, [], relevant_total=0) == 0.0


@given(FLAGS, st.integers(0, 5))
def test_ranking_metrics_stay_within_zero_and_one(relevant, unseen):
    total = sum(relevant) + unseen
    assert 0.0 <= metrics.ndcg_at(10, relevant, relevant_total=total) <= 1.0 + 1e-12
    assert 0.0 <= metrics.reciprocal_rank(relevant) <= 1.0


def test_latency_takes_the_nearest_rank_for_the_95th_percentile():
    times = metrics.latency([float(value) for value in range(20, 0, -1)])
    assert (times.median, times.p95) == (10.5, 19.0)
    assert metrics.latency([0.25]) == metrics.Latency(0.25, 0.25)


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_matches_the_published_table(successes, total, low, high):
    assert wilson(successes, total) == pytest.approx((low, high), abs=5e-5)


def test_wilson_without_cases_knows_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_it_was_made_from(case):
    successes, total = case
    low, high = wilson(successes, total)
    assert 0.0 <= low <= successes / total + 1e-12
    assert successes / total - 1e-12 <= high <= 1.0


def test_bootstrap_is_the_same_every_time_and_depends_on_the_seed():
    values = [1 / value for value in range(1, 40)]
    assert bootstrap_mean(values) == bootstrap_mean(values)
    assert bootstrap_mean(values, seed=1) != bootstrap_mean(values, seed=2)


def test_bootstrap_agrees_with_the_normal_interval_of_a_large_sample():
    values = [0.0, 1.0] * 500
    spread = 1.96 * math.sqrt(0.25 / len(values))
    assert bootstrap_mean(values) == pytest.approx((0.5 - spread, 0.5 + spread), abs=0.005)


def test_bootstrap_of_equal_values_has_no_width():
    assert bootstrap_mean([0.7] * 10) == pytest.approx((0.7, 0.7))
    assert bootstrap_mean([]) == (0.0, 1.0)


@pytest.mark.parametrize("relevant", [[False, True, False], [True, False], [False, False]])
def test_reciprocal_rank_agrees_with_llama_index(relevant):
    evaluation = pytest.importorskip("llama_index.core.evaluation")
    retrieved = [f"passage-{rank}" for rank in range(len(relevant))]
    expected = [name for name, hit in zip(retrieved, relevant, strict=True) if hit] or ["elsewhere"]
    theirs = evaluation.MRR().compute(expected_ids=expected, retrieved_ids=retrieved).score
    assert metrics.reciprocal_rank(relevant) == pytest.approx(theirs)


def test_auroc_counts_pairs_in_the_right_order_and_half_of_the_ties():
    assert metrics.auroc([3.0, 1.0], [2.0, 1.0]) == pytest.approx((2 + 0.5) / 4)
    assert metrics.auroc([1.0], [0.0]) == 1.0


def test_auroc_needs_both_sides():
    with pytest.raises(ValueError, match="both sides"):
        metrics.auroc([], [1.0])
