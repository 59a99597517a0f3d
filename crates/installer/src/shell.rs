//! Words of a line, as the readers of kickstart files split them.

/// Why a line has no words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unclosed {
    /// A quote is not closed.
    Quote,
    /// A backslash is the last character.
    Escape,
}

impl std::fmt::Display for Unclosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Quote => "a quote is not closed",
            Self::Escape => "nothing follows the backslash at its end",
        })
    }
}

/// Splits a line into words: blanks separate, quotes group, a backslash takes the next character as it is, and `#` outside
/// quotes begins a comment if `comments` says so, even inside a word.
///
/// Source: POSIX shell quoting as Python's `shlex` implements it, with which Anaconda splits.
pub(crate) fn split(line: &str, comments: bool) -> Result<Vec<String>, Unclosed> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(one) = characters.next() {
        match one {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '#' if comments => break,
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or(Unclosed::Quote)? {
                        '\'' => break,
                        one => word.push(one),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or(Unclosed::Quote)? {
                        '"' => break,
                        '\\' => match characters.next().ok_or(Unclosed::Escape)? {
                            one @ ('"' | '\\') => word.push(one),
                            one => word.extend(['\\', one]),
                        },
                        one => word.push(one),
                    }
                }
            }
            '\\' => {
                let next = characters.next().ok_or(Unclosed::Escape)?;
                word.get_or_insert_default().push(next);
            }
            one => word.get_or_insert_default().push(one),
        }
    }
    words.extend(word);
    Ok(words)
}

/// A text as one word of a POSIX shell.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_anaconda_splits_them() {
        let cases: [(&str, &[&str]); 9] = [
            ("part / --size 5", &["part", "/", "--size", "5"]),
            ("  a\t b \r\n", &["a", "b"]),
            ("a 'b c' \"d e\"f", &["a", "b c", "d ef"]),
            ("a\\ b \"x\\\"y\\z\"", &["a b", "x\"y\\z"]),
            ("a#b c", &["a"]),
            ("'a#b' # c", &["a#b"]),
            ("''", &[""]),
            ("# only", &[]),
            ("--append='a=\"b c\"'", &["--append=a=\"b c\""]),
        ];
        for (line, words) in cases {
            assert_eq!(split(line, true).unwrap(), words, "{line:?}");
        }
        assert_eq!(split("a#b", false).unwrap(), ["a#b"]);
        assert_eq!(split("a 'b", true), Err(Unclosed::Quote));
        assert_eq!(split("a \"b", true), Err(Unclosed::Quote));
        assert_eq!(split("a \\", true), Err(Unclosed::Escape));
    }

    #[test]
    fn a_quoted_text_is_one_word_again() {
        for text in ["", "a b", "it's", "$(x) `y` \\"] {
            assert_eq!(split(&quote(text), true).unwrap(), [text]);
        }
    }
}
