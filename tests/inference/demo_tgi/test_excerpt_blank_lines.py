"""Blank lines in a section's text."""

from inference.demo_tgi.answers import DocumentationAnswers, documentation


def test_an_indented_line_after_several_blank_lines_is_quoted(tmp_path) -> None:
    (tmp_path / "README.md").write_text("# Llamas\n\nA llama eats grass.\n\n\n   - and hay\n\n   more hay\n")
    answers = DocumentationAnswers(documentation(tmp_path))
    assert "A llama eats grass." in answers.answer("What does a llama eat?")
