//! A slow disk for one of the services: a control group lets its processes write a few times a second, so that whoever
//! waits for a write to be on the disk waits for long, as beside a neighbor that takes all of it.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{Instance, Service, postgres, rabbitmq};
use crate::process;

/// How often in a second it may be written. A commit needs two to four writes.
const WRITES_A_SECOND: u32 = 4;

/// Writes of a trial, each waited for, and what they take at least where the limit is felt. Without it they take less than
/// a hundredth of that.
const TRIAL_WRITES: u32 = 4;
const TRIAL_TAKES: Duration = Duration::from_millis(300);

/// How often is looked whether a group is empty, and for how long.
const LOOK: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(10);

/// How quick the disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Pace {
    /// Says whether it can be made slow here, and leaves it as it is
    Try,
    Slow,
    Normal,
}

/// A way to limit writes.
#[derive(Debug, Clone, Copy)]
struct Controller {
    /// The group of everything.
    root: &'static str,
    /// The file of a group that takes a limit.
    file: &'static str,
    /// What stands in it between the device and the number.
    key: &'static str,
    /// What stands for no limit.
    unlimited: &'static str,
    /// What lets groups below the root have limits, where that has to be said.
    enable: Option<(&'static str, &'static str)>,
}

/// The second version of control groups, then the first.
const CONTROLLERS: [Controller; 2] = [
    Controller {
        root: "/sys/fs/cgroup",
        file: "io.max",
        key: "wiops=",
        unlimited: "max",
        enable: Some(("cgroup.subtree_control", "+io")),
    },
    Controller {
        root: "/sys/fs/cgroup/blkio",
        file: "blkio.throttle.write_iops_device",
        key: "",
        unlimited: "0",
        enable: None,
    },
];

/// A service, its device and the group that it is put into.
struct Brake {
    controller: Controller,
    root: PathBuf,
    group: PathBuf,
    device: String,
}

/// Makes the disk of a service as quick as asked for.
///
/// **Errors**: where it cannot be made slow, why.
pub fn set(instance: &Instance, service: Service, pace: Pace) -> Result<()> {
    let (name, dir) = match service {
        Service::Postgres => ("postgres", postgres::dir(instance)?),
        Service::Rabbitmq => ("rabbitmq", rabbitmq::dir(instance)),
    };
    let group = format!("ferric-{:016x}-{name}", instance.fingerprint);
    let brake = match Brake::find(&dir, &group) {
        // What cannot be made slow is not.
        Err(_) if pace == Pace::Normal => return Ok(()),
        found => found?,
    };
    let main = || match service {
        Service::Postgres => postgres::main_process(instance),
        Service::Rabbitmq => rabbitmq::main_process(instance),
    };
    match pace {
        Pace::Slow => brake.apply(main()?)?,
        Pace::Normal => brake.release()?,
        Pace::Try => {
            let tried = brake.apply(main()?).and_then(|()| brake.try_out(&dir));
            brake.release()?;
            tried?;
        }
    }
    if service == Service::Postgres && pace != Pace::Try {
        // It waits for no disk otherwise.
        postgres::wait_for_disk(instance, pace == Pace::Slow)?;
    }
    Ok(())
}

impl Brake {
    fn find(dir: &Path, group: &str) -> Result<Self> {
        ensure!(process::is_root(), "control groups are root's");
        let usable = |controller: &Controller| {
            let root = Path::new(controller.root);
            match controller.enable {
                Some((file, word)) => root.join(file).is_file() && fs::write(root.join(file), word).is_ok(),
                None => root.join(controller.file).is_file(),
            }
        };
        let found = CONTROLLERS.into_iter().find(usable);
        let controller = found.context("this system has no control groups that limit writing")?;
        let root = PathBuf::from(controller.root);
        Ok(Self { controller, group: root.join(group), root, device: device_of(dir)? })
    }

    fn apply(&self, main: u32) -> Result<()> {
        if !self.group.is_dir() {
            fs::create_dir(&self.group)
                .with_context(|| format!("cannot create the control group {}", self.group.display()))?;
        }
        self.limit(&WRITES_A_SECOND.to_string())?;
        move_all(&family(main)?, &self.group)
    }

    fn release(&self) -> Result<()> {
        if !self.group.is_dir() {
            return Ok(());
        }
        // First, or what waits in the group would go on at its pace.
        self.limit(self.controller.unlimited)?;
        let begun = Instant::now();
        loop {
            let members = fs::read_to_string(self.group.join("cgroup.procs"))?;
            let members: Vec<u32> = members.lines().filter_map(|line| line.trim().parse().ok()).collect();
            move_all(&members, &self.root)?;
            match fs::remove_dir(&self.group) {
                // Somebody was born in it meanwhile, or has not quite died.
                Err(error) if error.kind() == ErrorKind::ResourceBusy && begun.elapsed() < PATIENCE => {
                    thread::sleep(LOOK);
                }
                removed => return removed.context("the control group cannot be deleted"),
            }
        }
    }

    fn limit(&self, number: &str) -> Result<()> {
        let line = format!("{} {}{number}", self.device, self.controller.key);
        let file = self.group.join(self.controller.file);
        fs::write(&file, &line).with_context(|| format!("cannot write '{line}' to {}", file.display()))
    }

    /// Writes in the group and looks whether that takes its time.
    fn try_out(&self, dir: &Path) -> Result<()> {
        let file = dir.join("trial");
        let script = format!(
            "echo $$ > '{}/cgroup.procs' && dd if=/dev/zero of='{}' bs=4k count={TRIAL_WRITES} oflag=dsync",
            self.group.display(),
            file.display()
        );
        let began = Instant::now();
        process::output(Command::new("sh").args(["-c", &script]))?;
        let took = began.elapsed();
        fs::remove_file(&file)?;
        ensure!(took >= TRIAL_TAKES, "{} does not slow down writing: {took:?}", self.controller.file);
        Ok(())
    }
}

/// The numbers of the disk that a folder is on.
fn device_of(dir: &Path) -> Result<String> {
    let number = fs::metadata(dir).with_context(|| format!("cannot look at {}", dir.display()))?.dev();
    // As `makedev` of the C library packs them.
    let major = ((number >> 8) & 0xfff) | ((number >> 32) & !0xfff);
    let minor = (number & 0xff) | ((number >> 12) & !0xff);
    let of_file_system = PathBuf::from(format!("/sys/dev/block/{major}:{minor}"));
    if major == 0 || !of_file_system.exists() {
        bail!("the file system of {} is on no disk of its own", dir.display());
    }
    // Limits are for whole disks.
    let partition = of_file_system.join("partition").exists();
    let disk = if partition { of_file_system.join("../dev") } else { of_file_system.join("dev") };
    Ok(fs::read_to_string(&disk)
        .with_context(|| format!("cannot read {}", disk.display()))?
        .trim()
        .to_owned())
}

/// A process and all that it and its children have started.
fn family(main: u32) -> Result<Vec<u32>> {
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc").context("cannot list processes")? {
        let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // It may have ended meanwhile. The name before the last parenthesis may hold anything.
        let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        if let Some(parent) = after.split_whitespace().nth(1).and_then(|parent| parent.parse().ok()) {
            parents.push((id, parent));
        }
    }
    let mut members = vec![main];
    let mut at = 0;
    while let Some(&parent) = members.get(at) {
        members.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        at += 1;
    }
    Ok(members)
}

/// Puts processes into a group; what has ended meanwhile needs no place.
fn move_all(ids: &[u32], group: &Path) -> Result<()> {
    for id in ids {
        let moved = fs::write(group.join("cgroup.procs"), id.to_string());
        if moved.is_err() && Path::new(&format!("/proc/{id}")).exists() {
            return moved.with_context(|| format!("process {id} cannot be put into {}", group.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Brake, CONTROLLERS, device_of, family};
    use std::fs;
    use std::path::Path;

    #[test]
    fn limits_are_written_as_each_version_reads_them() {
        let root = std::env::temp_dir().join(format!("ferric-disk-{}", std::process::id()));
        let written = CONTROLLERS.map(|controller| {
            let (group, device) = (root.join("group"), "8:0".to_owned());
            let brake = Brake { controller, root: root.clone(), group, device };
            fs::create_dir_all(&brake.group).unwrap();
            brake.limit("4").unwrap();
            fs::read_to_string(brake.group.join(controller.file)).unwrap()
        });
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(written, ["8:0 wiops=4", "8:0 4"]);
    }

    #[test]
    fn what_is_on_no_disk_says_so() {
        let error = device_of(Path::new("/proc")).unwrap_err().to_string();
        assert!(error.contains("on no disk"), "{error}");
    }

    #[test]
    fn a_family_holds_its_head_and_those_it_started() {
        let mut child =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let members = family(std::process::id()).unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(members[0] == std::process::id() && members.contains(&child.id()), "{members:?}");
    }
}
