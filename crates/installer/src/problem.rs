//! What is wrong with an answer file.

use std::fmt;

/// One thing that is wrong with an answer file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Line in the rendered file, from 1; none when it is about the file as a whole.
    pub line: Option<usize>,
    /// What is wrong, in one sentence without a full stop; holds no value that may be secret.
    pub text: String,
}

impl Problem {
    /// Something about a line.
    pub fn at(line: usize, text: impl Into<String>) -> Self {
        Self { line: Some(line), text: text.into() }
    }

    /// Something about the file as a whole.
    pub fn of_file(text: impl Into<String>) -> Self {
        Self { line: None, text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}
