"""Cells that span rows and columns stand where a browser shows them, under the right names."""

from __future__ import annotations

import time

import pytest
from lxml import html

from ingest.read.html_table import html_rows


def rows(markup: str) -> list[str]:
    return list(html_rows(html.fromstring(f"<table>{markup}</table>")))


def test_a_cell_that_spans_rows_stands_in_each_of_them_and_moves_the_others() -> None:
    page = """<tr><th>年份</th><th>月份</th><th>收入</th></tr>
    <tr><td rowspan=2>2025</td><td>一月</td><td>134</td></tr><tr><td>二月</td><td>150</td></tr>"""
    assert rows(page) == ["年份: 2025 | 月份: 一月 | 收入: 134", "年份: 2025 | 月份: 二月 | 收入: 150"]


def test_a_name_over_two_columns_names_both() -> None:
    page = """<thead><tr><th rowspan=2>Region</th><th colspan=2>Sales</th></tr><tr><th>Q1</th><th>Q2</th></tr></thead>
    <tr><td>North</td><td>3</td><td>4</td></tr>"""
    assert rows(page) == ["Region: North | Sales / Q1: 3 | Sales / Q2: 4"]


def test_a_name_of_rows_is_no_name_of_columns() -> None:
    page = """<tr><th>Year</th><th>Month</th><th>Cost</th></tr>
    <tr><th rowspan=3>2025</th></tr><tr><td>May</td><td>7</td></tr><tr><td>June</td><td>8</td></tr>"""
    assert rows(page)[1:] == ["Year: 2025 | Month: May | Cost: 7", "Year: 2025 | Month: June | Cost: 8"]


def test_a_row_of_one_cell_is_a_line_of_its_own() -> None:
    page = """<tr><th>品名</th><th>价格</th></tr><tr><td colspan=2>饮料</td></tr><tr><td>茶</td><td>3</td></tr>"""
    assert rows(page) == ["饮料", "品名: 茶 | 价格: 3"]


def test_a_cell_from_above_stops_one_that_would_run_over_it() -> None:
    page = """<tr><td>a</td><td rowspan=2>b</td><td>c</td></tr><tr><td colspan=3>d</td><td>e</td></tr>"""
    assert rows(page) == ["a | b | c", "d | b | e"]


def test_rows_that_end_early_are_reached_by_cells_from_above() -> None:
    assert rows("<tr><td>a</td><td>b</td><td rowspan=0>c</td></tr><tr><td>d</td></tr>") == ["a | b | c", "d | c"]


def test_a_table_without_spans_is_read_as_before() -> None:
    assert rows("<tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr>") == ["A: 1 | B: 2"]
    assert rows("<tr><td>1</td><td colspan=1>2</td></tr>") == ["1 | 2"]


@pytest.mark.parametrize("span", ["-1", "x", "", "1.5", "²"])
def test_spans_that_make_no_sense_count_as_one(span: str) -> None:
    assert rows(f'<tr><td rowspan="{span}">a</td><td colspan="2">b</td></tr><tr><td>c</td></tr>') == ["a | b", "c"]


@pytest.mark.parametrize(
    "markup",
    [
        "<tr>" + "<td colspan=1000 rowspan=65534>x</td>" * 200 + "</tr>" + "<tr><td>y</td></tr>" * 2000,
        "<tr><td rowspan=65534>x</td></tr>" * 3000,
        "<tr><td colspan=1000 rowspan=2>x</td></tr>" * 3000,
        "<tr><td colspan=1000>x</td></tr>" * 30_000,
    ],
)
def test_spans_beyond_all_measure_cost_no_time_and_no_text(markup: str) -> None:
    began = time.perf_counter()
    text = "\n".join(rows(markup))
    assert text.count("x") >= markup.count(">x<")
    assert time.perf_counter() - began < 5
