import pytest

from rag.documents.dates import date_order, is_date_line, parse_date


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2023-02-07", "2023-02-07"),
        ("2023/02/07", "2023-02-07"),
        ("2023-02-07T21:15:00+00:00", "2023-02-07"),
        ("Feb. 7, 2023", "2023-02-07"),
        ("February 7th, 2023, 6:30 p.m. ET", "2023-02-07"),
        ("Tuesday, 7 February 2023", "2023-02-07"),
        ("7th of February 2023", "2023-02-07"),
        ("Tue, 07 Feb 2023 10:00:00 GMT", "2023-02-07"),
        ("February 2023", "2023-02"),
        ("2023-02", "2023-02"),
        ("2023", "2023"),
        ("7.2.2023", "2023-02-07"),
        ("2/17/2023", "2023-02-17"),
        ("17/2/2023", "2023-02-17"),
        ("2/2/2023", "2023-02-02"),
        ("2/7/2023", None),
        ("30 February 2023", None),
        ("last week", None),
        ("the 2023 season", None),
    ],
)
def test_a_date_is_read_only_where_it_is_certain(text, iso):
    assert parse_date(text) == iso


@pytest.mark.parametrize(
    ("page", "iso"),
    [
        ("Talks resumed on Jan. 9 and ended on Jan. 20, 2023.", "2023-02-07"),
        ("Talks resumed on 9 January and ended on 20 January.", "2023-07-02"),
        ("An earlier notice was dated 1/30/2023.", "2023-02-07"),
        ("An earlier notice was dated 30/1/2023.", "2023-07-02"),
        ("Talks resumed on 9 January; Feb. 20 is the deadline.", None),
        ("Talks resumed.", None),
    ],
)
def test_the_order_of_a_numeric_date_comes_from_the_rest_of_the_file(page, iso):
    assert parse_date("2/7/2023", order=date_order(page)) == iso


@pytest.mark.parametrize(
    "line",
    [
        "2/7/2023 Updated: 2/8/2023",
        "Published on Feb. 7, 2023 at 6:30 p.m. ET",
        "Last updated: 7 February 2023, 18:30 GMT",
        "2023-02-07T21:15:00+01:00",
        "February 7, 2023 | 5 min read",
    ],
)
def test_a_line_of_dates_and_times_is_a_date_line(line):
    assert is_date_line(line)


@pytest.mark.parametrize("line", ["On Feb. 7, 2023, the board met", "Published weekly", "7 votes"])
def test_a_line_with_other_words_is_not_a_date_line(line):
    assert not is_date_line(line)
