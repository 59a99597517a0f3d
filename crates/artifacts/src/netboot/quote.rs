//! Words of a kernel line inside boot scripts.

use crate::{ArtifactError, Result};

/// The kernel line as arguments of an iPXE command.
///
/// Errors: `Invalid` for what iPXE would interpret whatever the quoting: `${`, `||`, `&&`, a word that begins a
/// comment, and control characters.
pub(crate) fn for_ipxe(kernel_cmdline: &str) -> Result<String> {
    check_line(kernel_cmdline)?;
    let separators = ["||", "&&", ";"];
    let interpreted = |word: &str| separators.contains(&word) || word.starts_with('#');
    if kernel_cmdline.contains("${") || kernel_cmdline.split_whitespace().any(interpreted) {
        return Err(wrong("it has ${, ||, &&, ; or # where iPXE would interpret it"));
    }
    let mut quoted = String::with_capacity(kernel_cmdline.len());
    for c in kernel_cmdline.chars() {
        if matches!(c, '"' | '\'' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    Ok(quoted)
}

/// A line break or control character would start a new command.
pub(crate) fn check_line(text: &str) -> Result<()> {
    if text.chars().any(char::is_control) {
        return Err(wrong("it has a line break or control character"));
    }
    Ok(())
}

fn wrong(reason: &str) -> ArtifactError {
    ArtifactError::invalid("kernel command line", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipxe_interprets_nothing() {
        assert_eq!(for_ipxe("a=1 b=http://x:1/y?z").unwrap(), "a=1 b=http://x:1/y?z");
        assert_eq!(for_ipxe(r#"a="b c" d=\e"#).unwrap(), r#"a=\"b c\" d=\\e"#);
        for bad in
            ["a=${net0/mac}", "a || shell", "a && shell", "a #b", "#!ipxe", "a ; b", "a\nshell", "a\u{7f}"]
        {
            assert_eq!(for_ipxe(bad).unwrap_err().kind(), "invalid", "{bad:?}");
        }
    }
}
