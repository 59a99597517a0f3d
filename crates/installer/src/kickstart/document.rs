//! From text to commands and sections.

use super::arguments::Arguments;
use super::commands::{LIVEIMG, NAMES_ONLY, ROOTPW, SECTIONS, URL};
use super::storage_command::{Storage, StorageCommand};
use crate::Problem;
use crate::shell::split;

/// Longest answer file, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// A kickstart file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// Its commands, in their order.
    pub commands: Vec<Command>,
    /// Its sections, in their order.
    pub sections: Vec<Section>,
    /// Other files that it includes, wherever.
    pub includes: Vec<Include>,
}

/// A command.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Where it stands, from 1.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// Its options and operands, where those are known.
    pub arguments: Option<Arguments>,
    /// What it asks of disks.
    pub storage: Option<StorageCommand>,
    /// Every word behind the name.
    pub words: Vec<String>,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Where it begins.
    pub line: usize,
    /// Its name with the percent sign.
    pub name: String,
    /// The words behind the name.
    pub words: Vec<String>,
    /// Its lines.
    pub body: String,
}

/// Another file that is included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// Where.
    pub line: usize,
    /// Path or URL.
    pub target: String,
}

impl Document {
    /// The sections of this name.
    pub fn sections_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Section> {
        self.sections.iter().filter(move |section| section.name == name)
    }

    /// What the commands ask of disks, with their lines.
    pub fn storage(&self) -> impl Iterator<Item = (usize, &StorageCommand)> {
        self.commands.iter().filter_map(|command| Some((command.line, command.storage.as_ref()?)))
    }
}

/// Reads a kickstart file as far as it can be read, and says what is wrong with it.
pub fn parse(text: &str) -> (Document, Vec<Problem>) {
    let mut reader = Reader::default();
    if text.len() > MAX_BYTES {
        reader.problems.push(Problem::of_file(format!("it is larger than {MAX_BYTES} bytes")));
        return (reader.document, reader.problems);
    }
    for (index, line) in text.split_inclusive('\n').enumerate() {
        reader.line(index + 1, line);
    }
    if let Some(open) = reader.open.take() {
        reader.problems.push(unclosed(&open));
    }
    reader.problems.extend(contradictions(&reader.document.commands));
    reader.problems.extend(disks_unclear(&reader.document));
    (reader.document, reader.problems)
}

/// Ways to lay disks out, each with those that it does not go together with.
const EXCLUSIVE: [(&str, &[&str]); 2] = [
    ("autopart", &["part", "partition", "raid", "volgroup", "logvol", "reqpart", "mount"]),
    ("mount", &["part", "partition", "raid", "volgroup", "logvol", "reqpart"]),
];

/// The first command that contradicts an earlier one.
fn contradictions(commands: &[Command]) -> Option<Problem> {
    commands.iter().enumerate().find_map(|(index, command)| {
        let earlier = commands[..index].iter().find(|earlier| {
            let excludes =
                |a: &str, b: &str| EXCLUSIVE.iter().any(|(name, others)| *name == a && others.contains(&b));
            excludes(&earlier.name, &command.name) || excludes(&command.name, &earlier.name)
        })?;
        let text = format!("{} and {} exclude each other", command.name, earlier.name);
        Some(Problem::at(command.line, text))
    })
}

/// The first `ignoredisk` after which both or neither of its settings hold, of which the installer remembers earlier ones.
fn disks_unclear(document: &Document) -> Option<Problem> {
    let (mut drives, mut only_use) = (false, false);
    document.storage().find_map(|(line, command)| {
        let StorageCommand::IgnoreDisk(ignored) = command else { return None };
        drives |= !ignored.drives.is_empty();
        only_use |= !ignored.only_use.is_empty();
        (drives == only_use).then(|| Problem::at(line, "ignoredisk: it needs either --drives or --only-use"))
    })
}

#[derive(Default)]
struct Reader {
    document: Document,
    problems: Vec<Problem>,
    open: Option<Section>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) {
        match self.open.take() {
            Some(section) => self.inside(section, number, line),
            None => self.outside(number, line),
        }
    }

    fn inside(&mut self, mut section: Section, number: usize, line: &str) {
        let first = line.split_whitespace().next().unwrap_or_default();
        let ends = first == "%end";
        let includes = first == "%include";
        let begins = SECTIONS.iter().any(|(name, _)| *name == first);
        if !(ends || includes || begins) {
            section.body.push_str(line);
            self.open = Some(section);
            return;
        }
        let words = match split(line, false) {
            Ok(words) => words,
            Err(error) => {
                self.problems.push(Problem::at(number, error.to_string()));
                self.open = Some(section).filter(|_| !ends);
                return;
            }
        };
        if ends {
            self.document.sections.push(section);
        } else if includes {
            self.include(number, &words);
            section.body.push_str(line);
            self.open = Some(section);
        } else {
            self.problems.push(unclosed(&section));
            self.document.sections.push(section);
            self.outside(number, line);
        }
    }

    fn outside(&mut self, number: usize, line: &str) {
        let words = match split(line, true) {
            Ok(words) => words,
            Err(error) => return self.problems.push(Problem::at(number, error.to_string())),
        };
        let Some((name, rest)) = words.split_first() else { return };
        if name == "%include" || name == "%ksappend" {
            self.include(number, &words);
        } else if name.starts_with('%') {
            self.header(number, name, rest);
        } else {
            self.command(number, name, rest);
        }
    }

    fn include(&mut self, line: usize, words: &[String]) {
        match words.get(1).filter(|target| !target.is_empty()) {
            Some(target) => self.document.includes.push(Include { line, target: target.clone() }),
            None => self.problems.push(Problem::at(line, "%include names no file")),
        }
    }

    fn header(&mut self, line: usize, name: &str, words: &[String]) {
        let section = Section { line, name: name.to_owned(), words: words.to_vec(), body: String::new() };
        match SECTIONS.iter().find(|(known, _)| *known == name) {
            None => {
                let shown: String = name.chars().take(40).collect();
                let text = match name {
                    "%end" => "%end closes no section".to_owned(),
                    _ => format!("there is no section {shown}"),
                };
                self.problems.push(Problem::at(line, text));
                return;
            }
            Some((_, Some(options))) => match Arguments::read(words, options) {
                Ok(read) => self.header_options(line, name, &read),
                Err(error) => self.problems.push(Problem::at(line, format!("{name}: {error}"))),
            },
            Some((_, None)) => {}
        }
        self.open = Some(section);
    }

    fn header_options(&mut self, line: usize, name: &str, read: &Arguments) {
        if !read.operands.is_empty() {
            self.problems.push(Problem::at(line, format!("{name} takes options only")));
        }
        if read.has("--default") && read.has("--nocore") {
            self.problems.push(Problem::at(line, "--default and --nocore contradict each other"));
        }
    }

    fn command(&mut self, line: usize, name: &str, words: &[String]) {
        let mut command =
            Command { line, name: name.to_owned(), arguments: None, storage: None, words: words.to_vec() };
        let checked = match name {
            "rootpw" => rootpw(words).map(|read| command.arguments = Some(read)),
            "liveimg" => needing(words, LIVEIMG, &["--url"]).map(|read| command.arguments = Some(read)),
            "url" => needing(words, URL, &["--url", "--mirrorlist", "--metalink"])
                .map(|read| command.arguments = Some(read)),
            _ if NAMES_ONLY.contains(&name) => Ok(()),
            _ => match Storage::find(name) {
                Some(kind) => kind.read(words).map(|(read, storage)| {
                    command.arguments = Some(read);
                    command.storage = Some(storage);
                }),
                None => Err("there is no such command".to_owned()),
            },
        };
        if let Err(text) = checked {
            let shown: String = name.chars().take(40).collect();
            self.problems.push(Problem::at(line, format!("{shown}: {text}")));
        }
        self.document.commands.push(command);
    }
}

fn rootpw(words: &[String]) -> Result<Arguments, String> {
    let read = Arguments::read(words, ROOTPW)?;
    match read.operands.len() {
        0 if !read.has("--lock") => Err("it needs a password or --lock".to_owned()),
        0 | 1 => Ok(read),
        _ => Err("it takes one password".to_owned()),
    }
}

/// Options only, one of `wanted` among them.
fn needing(
    words: &[String],
    known: &'static [super::arguments::OptionRow],
    wanted: &[&str],
) -> Result<Arguments, String> {
    let read = Arguments::read(words, known)?;
    if !read.operands.is_empty() {
        return Err("it takes options only".to_owned());
    }
    if !wanted.iter().any(|name| read.has(name)) {
        return Err(format!("it needs {}", wanted.join(" or ")));
    }
    Ok(read)
}

fn unclosed(section: &Section) -> Problem {
    Problem::at(section.line, format!("the section {} does not end with %end", section.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        parse(text).1.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn commands_and_sections_are_found() {
        let text = "# x\nlang en_US.UTF-8 # y\n\n%pre --log=/tmp/x\n  %whatever\necho 'a\n%end\nreboot --eject\n\
                    %include /tmp/part\n%packages\n@core\n%end\n";
        let (document, problems) = parse(text);
        assert_eq!(problems, []);
        let names: Vec<_> = document.commands.iter().map(|one| (one.line, one.name.as_str())).collect();
        assert_eq!(names, [(2, "lang"), (8, "reboot")]);
        let sections: Vec<_> =
            document.sections.iter().map(|one| (one.line, &one.name[..], &one.body[..])).collect();
        assert_eq!(sections, [(4, "%pre", "  %whatever\necho 'a\n"), (10, "%packages", "@core\n")]);
        assert_eq!(document.includes, [Include { line: 9, target: "/tmp/part".into() }]);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let cases = [
            ("%pre\nx\n", "line 1: the section %pre does not end with %end"),
            ("%pre\n%post\n%end\n", "line 1: the section %pre does not end with %end"),
            ("%end\n", "line 1: %end closes no section"),
            ("%foo\n", "line 1: there is no section %foo"),
            ("\nfrobnicate\n", "line 2: frobnicate: there is no such command"),
            ("install\n", "line 1: install: there is no such command"),
            ("lang 'x\n", "line 1: a quote is not closed"),
            ("%post --nochrot\n%end\n", "line 1: %post: it has no option --nochrot"),
            ("%onerror x\n%end\n", "line 1: %onerror takes options only"),
            ("%include\n", "line 1: %include names no file"),
            ("liveimg\n", "line 1: liveimg: it needs --url"),
            ("rootpw\n", "line 1: rootpw: it needs a password or --lock"),
            ("zerombr yes\n", "line 1: zerombr: it takes options only"),
            ("part / --size=1\nautopart\n", "line 2: autopart and part exclude each other"),
            ("autopart\npart / --size=1\n", "line 2: part and autopart exclude each other"),
            ("ignoredisk\n", "line 1: ignoredisk: it needs either --drives or --only-use"),
            (
                "ignoredisk --drives=a\nignoredisk\nignoredisk --only-use=b\n",
                "line 3: ignoredisk: it needs either --drives or --only-use",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(problems(text), [expected], "{text:?}");
        }
    }
}
