//! Options and operands of a command.
//!
//! Source: Python's `argparse`, with which pykickstart reads them: options may be shortened while they stay unique, and
//! what looks like an option is never taken for a value.

/// What follows the name of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// An option: its name, other names for it, and what follows.
pub type OptionRow = (&'static str, &'static [&'static str], Takes);

/// The options and operands of one command, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Options by name, in their order; without a value where none is taken.
    options: Vec<(&'static str, Option<String>)>,
    /// Words that belong to no option.
    pub operands: Vec<String>,
}

/// What a word is.
enum Word<'a> {
    Operand,
    Option(&'static OptionRow, Option<&'a str>),
}

impl Arguments {
    /// Reads the words behind the name of a command.
    ///
    /// **Errors**: what is wrong, in words without values.
    pub(crate) fn read(words: &[String], known: &'static [OptionRow]) -> Result<Self, String> {
        let mut read = Self::default();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                read.operands.extend(rest.by_ref().cloned());
                break;
            }
            match classify(word, known)? {
                Word::Operand => read.operands.push(word.clone()),
                Word::Option(row, given) => {
                    let (name, _, takes) = *row;
                    let value = match (takes, given) {
                        (Takes::Nothing, None) => None,
                        (Takes::Nothing, Some(_)) => return Err(format!("{name} takes no value")),
                        (_, Some(value)) => Some(value.to_owned()),
                        (_, None) => Some(next_value(&mut rest, name, known)?),
                    };
                    if let Some(value) = &value {
                        check(name, takes, value)?;
                    }
                    read.options.push((name, value));
                }
            }
        }
        Ok(read)
    }

    /// Whether the option was given.
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(known, _)| *known == name)
    }

    /// The value of an option; the last one counts.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(known, _)| *known == name)?.1.as_deref()
    }

    /// The value of an option that takes a whole number.
    pub fn whole(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(whole)
    }

    /// The parts of a value that is a list separated by commas.
    pub fn list(&self, name: &str) -> Vec<String> {
        let parts = self.text(name).unwrap_or_default().split(',');
        parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// The options that were given, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.options.iter().map(|(name, _)| *name)
    }
}

fn next_value<'a>(
    rest: &mut (impl Iterator<Item = &'a String> + Clone),
    name: &str,
    known: &'static [OptionRow],
) -> Result<String, String> {
    let missing = || format!("{name} needs a value");
    let next = rest.clone().next().ok_or_else(missing)?;
    if next == "--" || !matches!(classify(next, known)?, Word::Operand) {
        return Err(missing());
    }
    rest.next();
    Ok(next.clone())
}

fn classify<'a>(word: &'a str, known: &'static [OptionRow]) -> Result<Word<'a>, String> {
    if !word.starts_with('-') || word.len() == 1 {
        return Ok(Word::Operand);
    }
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    let names =
        |row: &OptionRow, test: &dyn Fn(&str) -> bool| test(row.0) || row.1.iter().any(|one| test(one));
    if let Some(row) = known.iter().find(|row| names(row, &|one| one == name)) {
        return Ok(Word::Option(row, value));
    }
    if name.starts_with("--") {
        let spelled = known.iter().flat_map(|row| {
            let all = std::iter::once(&row.0).chain(row.1);
            all.filter(|one| one.starts_with(name)).map(move |_| row)
        });
        let candidates: Vec<_> = spelled.collect();
        match candidates[..] {
            [] => {}
            [row] => return Ok(Word::Option(row, value)),
            _ => return Err("an option is shortened so far that it may mean several".to_owned()),
        }
    }
    if is_negative_number(word) || word.contains(' ') {
        return Ok(Word::Operand);
    }
    let shown: String = name.chars().take(40).collect();
    Err(format!("it has no option {shown}"))
}

fn is_negative_number(word: &str) -> bool {
    let digits = &word[1..];
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(fraction) && !fraction.is_empty() && (digits.contains('.') || !whole.is_empty())
}

fn check(name: &str, takes: Takes, value: &str) -> Result<(), String> {
    match takes {
        Takes::Whole if whole(value).is_none() => Err(format!("the value of {name} is no whole number")),
        Takes::OneOf(words) if !words.contains(&value) => {
            Err(format!("the value of {name} is none of {}", words.join(", ")))
        }
        _ => Ok(()),
    }
}

/// A whole number as Python reads it: blanks around it and single underscores between its digits do not matter.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let grouped =
        digits.split('_').all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    grouped.then(|| text.replace('_', "")).and_then(|plain| plain.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [OptionRow; 5] = [
        ("--size", &[], Takes::Whole),
        ("--grow", &[], Takes::Nothing),
        ("--ondisk", &["--ondrive"], Takes::Text),
        ("--onpart", &["--usepart"], Takes::Text),
        ("--location", &[], Takes::OneOf(&["mbr", "none"])),
    ];

    fn read(line: &str) -> Result<Arguments, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Arguments::read(&words, &KNOWN)
    }

    #[test]
    fn options_and_operands_are_told_apart() {
        let read = read("/ --size=5 --grow --ondri sda x --size +1_0 -5 -- --grow").unwrap();
        assert_eq!(read.operands, ["/", "x", "-5", "--grow"]);
        assert_eq!(
            (read.whole("--size"), read.text("--ondisk"), read.has("--grow")),
            (Some(10), Some("sda"), true)
        );
        assert_eq!(read.names().collect::<Vec<_>>(), ["--size", "--grow", "--ondisk", "--size"]);
    }

    #[test]
    fn what_argparse_refuses_is_refused() {
        let lines = [
            "--size",
            "--size --grow",
            "--size=a",
            "--size=",
            "--grow=1",
            "--on=sda",
            "--nothing",
            "-x",
            "--location=x",
            "--size=1__0",
            "--size=_1",
            "--size --",
            "--size 1.5",
        ];
        for line in lines {
            assert!(read(line).is_err(), "{line}");
        }
        assert_eq!(read("--size -5").unwrap().whole("--size"), Some(-5));
    }
}
