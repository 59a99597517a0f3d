//! Kernel parameters as operators write them.

use crate::{ArtifactError, Result};

/// Stands for the configured default inside an override.
const DEFAULT_PLACEHOLDER: &str = "%default%";

/// The words of `kernel_append_params`; double quotes group, as they do for the kernel.
///
/// Errors: `Invalid` for line breaks, control characters and open quotes.
pub fn words(given: Option<&str>, default: &str) -> Result<Vec<String>> {
    let text = match given {
        Some(given) => given.replace(DEFAULT_PLACEHOLDER, default),
        None => default.to_owned(),
    };
    let mut words = Vec::new();
    let mut word = String::new();
    let mut inside = false;
    for c in text.chars() {
        // A tab separates; any other control character could end the line in a boot file.
        if c.is_control() && c != '\t' {
            return Err(wrong("it has a line break or control character"));
        }
        inside ^= c == '"';
        if c.is_whitespace() && !inside {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(if c == '\t' { ' ' } else { c });
        }
    }
    if inside {
        return Err(wrong("a double quote is not closed"));
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    Ok(words)
}

/// `name=value`, quoted when the value has blanks.
///
/// Errors: `Invalid` for a name that is no word, and for quotes or control characters in the value.
pub fn assignment(name: &str, value: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(ArtifactError::invalid("kernel parameter", format!("{name:?} is no parameter name")));
    }
    if value.chars().any(|c| c.is_control() || c == '"') {
        let reason = format!("the value of {name} has a quote, line break or control character");
        return Err(ArtifactError::invalid("kernel parameter", reason));
    }
    if value.contains(char::is_whitespace) {
        return Ok(format!("{name}=\"{value}\""));
    }
    Ok(format!("{name}={value}"))
}

fn wrong(reason: &str) -> ArtifactError {
    ArtifactError::invalid("kernel_append_params", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_may_include_the_default() {
        let default = "nofb vga=normal";
        assert_eq!(words(None, default).unwrap(), ["nofb", "vga=normal"]);
        assert_eq!(words(Some(""), default).unwrap(), [""; 0]);
        assert_eq!(words(Some(" a\t%default%  b "), default).unwrap(), ["a", "nofb", "vga=normal", "b"]);
        assert_eq!(words(Some("x=\"a  b\" c"), default).unwrap(), ["x=\"a  b\"", "c"]);
        for bad in ["a\nb", "a\r", "a\0", "a=\"b", "\u{1b}", "\u{2028}\n"] {
            assert_eq!(words(Some(bad), default).unwrap_err().kind(), "invalid", "{bad:?}");
        }
    }

    #[test]
    fn assignments_stay_one_word() {
        assert_eq!(assignment("a-b.c", "x=1,y").unwrap(), "a-b.c=x=1,y");
        assert_eq!(assignment("a", "x y").unwrap(), "a=\"x y\"");
        for (name, value) in [("", "x"), ("a b", "x"), ("a=", "x"), ("a", "x\ny"), ("a", "x\"y")] {
            assert_eq!(assignment(name, value).unwrap_err().kind(), "invalid", "{name:?} {value:?}");
        }
    }
}
