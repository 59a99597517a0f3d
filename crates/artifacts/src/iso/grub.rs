//! The configuration grub reads from the image.

use crate::{ArtifactError, Result};

/// A file only boot images have, by which grub finds the device it came from: disks may carry `/vmlinuz`, and an
/// older configdrive the label `config-2`.
pub(crate) const MARKER: &str = "ferric/boot-iso";

/// Longest command line the kernel takes on x86-64 and arm64, its final zero not counted.
const COMMAND_LINE_BYTES: usize = 2047;

/// `grub.cfg` with one entry that boots at once.
///
/// Errors: `Invalid` when the command line is too long, has control characters or an open quote.
pub(crate) fn config(kernel_cmdline: &str) -> Result<String> {
    let line = words(kernel_cmdline)?;
    Ok(format!(
        "set default=0\nset timeout=0\nsearch --no-floppy --set=root --file /{MARKER}\n\
         menuentry \"Ferric ramdisk\" {{\n    linux /vmlinuz {line}\n    initrd /initrd\n}}\n"
    ))
}

/// `grub.cfg` inside a system partition image: goes on with the one above.
pub(crate) fn chain_config() -> String {
    format!(
        "search --no-floppy --set=root --file /{MARKER}\nset prefix=($root)/boot/grub\n\
         configfile ($root)/EFI/BOOT/grub.cfg\n"
    )
}

/// The command line with everything escaped that grub's shell would interpret.
///
/// Double quotes stay: they group for the kernel as they do for grub, which writes them again.
pub(crate) fn words(kernel_cmdline: &str) -> Result<String> {
    let wrong = |reason: &str| Err(ArtifactError::invalid("kernel command line", reason));
    if kernel_cmdline.len() > COMMAND_LINE_BYTES {
        return wrong("it is longer than 2047 bytes");
    }
    let mut line = String::with_capacity(kernel_cmdline.len());
    let mut inside = false;
    for c in kernel_cmdline.trim().chars() {
        let special = match c {
            c if c.is_control() => return wrong("it has a line break or control character"),
            '"' => {
                inside = !inside;
                false
            }
            '$' | '\\' => true,
            '\'' | ';' | '&' | '|' | '<' | '>' | '{' | '}' | '#' => !inside,
            _ => false,
        };
        if special {
            line.push('\\');
        }
        line.push(c);
    }
    if inside {
        return wrong("a double quote is not closed");
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_sees_no_metacharacters() {
        let line = |text: &str| words(text).unwrap();
        let plain = "nofb vga=normal ipa-api-url=http://[::1]:6385,http://b console=ttyS0,115200n8";
        assert_eq!(line(plain), plain);
        assert_eq!(line("a;reboot b=$x c={1} d=1|2 e='"), r"a\;reboot b=\$x c=\{1\} d=1\|2 e=\'");
        assert_eq!(line(r#"dyndbg="file a.c +p; $x""#), r#"dyndbg="file a.c +p; \$x""#);
        for bad in ["a\nb", "a\rb", "a\0", "a\u{85}b", "a=\"b", &"x".repeat(2048)] {
            assert_eq!(config(bad).unwrap_err().kind(), "invalid", "{bad:?}");
        }
    }

    #[test]
    fn the_kernel_line_stands_alone() {
        let config = config("a=1 b=2").unwrap();
        assert!(config.lines().any(|line| line.trim_start() == "linux /vmlinuz a=1 b=2"), "{config}");
        assert!(config.lines().any(|line| line.trim_start() == "initrd /initrd"), "{config}");
    }
}
