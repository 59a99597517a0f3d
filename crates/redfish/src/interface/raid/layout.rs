//! Which disks become which volume. Pure.

use super::level::Level;
use ferric_hardware::HardwareError;
use ferric_model::JsonMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

const GIB: u64 = 1 << 30;

/// Controllers cut disks in stripes of at most this size; what is left over of a disk is lost.
const STRIPE: u64 = 64 << 20;

/// A storage controller with what it can do.
#[derive(Debug, Clone, Default)]
pub(super) struct Controller {
    /// Names by which people may mean it, the most telling first.
    pub names: Vec<String>,
    /// Path of its collection of volumes.
    pub volumes: String,
    /// RAID types that it offers; none when it does not tell.
    pub raid_types: Option<Vec<String>>,
    /// Its disks.
    pub disks: Vec<Disk>,
}

/// A physical disk.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk {
    /// Its path.
    pub path: String,
    /// Names by which people may mean it, the most telling first.
    pub names: Vec<String>,
    /// Its size.
    pub bytes: u64,
    /// Bytes that volumes use which are to stay.
    pub used: u64,
    /// Whether it does not turn; none when the BMC does not tell.
    pub solid: Option<bool>,
    /// How it is attached, in lower case: `sas`, `sata`, `nvme`.
    pub protocol: Option<String>,
}

/// A volume as it is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Planned {
    /// Where it is posted to.
    pub volumes: String,
    /// The controller, for people.
    pub controller: String,
    /// Its RAID level, in Ironic's words.
    pub level: String,
    /// Its RAID type, in those of the schema.
    pub raid_type: String,
    /// Paths of its disks.
    pub disks: Vec<String>,
    /// Names of its disks, for people.
    pub disk_names: Vec<String>,
    /// Its size; none for all that there is.
    pub bytes: Option<u64>,
    /// Its name; none leaves it to the controller.
    pub name: Option<String>,
    /// Whether it is meant for the operating system.
    pub is_root: bool,
}

/// A logical disk as somebody wants it.
#[derive(Debug, Clone)]
struct Wish {
    level: &'static Level,
    bytes: Option<u64>,
    name: Option<String>,
    is_root: bool,
    shares: bool,
    solid: Option<bool>,
    protocol: Option<String>,
    count: Option<usize>,
    controller: Option<String>,
    disks: Vec<String>,
}

/// Finds disks for every logical disk: the root volume first, those that take what is left last.
///
/// **Errors**: `InvalidParameter` for what cannot be meant or has no room.
pub(super) fn plan(
    logical_disks: &[Value],
    controllers: &[Controller],
) -> Result<Vec<Planned>, HardwareError> {
    let mut wishes = logical_disks.iter().map(Wish::read).collect::<Result<Vec<_>, _>>()?;
    wishes.sort_by_key(|wish| (wish.bytes.is_none(), !wish.is_root));
    let mut room = Room::of(controllers);
    wishes.iter().map(|wish| room.place(wish, controllers)).collect()
}

impl Wish {
    fn read(value: &Value) -> Result<Self, HardwareError> {
        let empty = JsonMap::new();
        let disk = value.as_object().unwrap_or(&empty);
        let text = |key: &str| disk.get(key).and_then(Value::as_str);
        let level = Level::find(text("raid_level").unwrap_or_default())?;
        let disks = disk.get("physical_disks").and_then(Value::as_array).cloned().unwrap_or_default();
        let disks: Option<Vec<String>> = disks.iter().map(|one| one.as_str().map(str::to_owned)).collect();
        let disks = disks.ok_or_else(|| {
            unfit("physical disks are described instead of named", "name them by id, name or serial number")
        })?;
        let protocol = text("interface_type").map(str::to_owned);
        if protocol.as_deref() == Some("scsi") {
            return Err(unfit("Redfish knows no disks of the interface type 'scsi'", "choose sata or sas"));
        }
        let bytes = match disk.get("size_gb") {
            Some(Value::String(text)) if text == "MAX" => None,
            size => Some(
                size.and_then(Value::as_u64).filter(|size| *size > 0).map(|size| size * GIB).ok_or_else(
                    || unfit("a logical disk has no usable size_gb", "give GiB as a whole number, or MAX"),
                )?,
            ),
        };
        let count = disk.get("number_of_physical_disks").and_then(Value::as_u64).map(|count| count as usize);
        let count = count.or((!disks.is_empty()).then_some(disks.len()));
        if let Some(count) = count
            && count < level.fewest
        {
            let what = format!("RAID level {} needs {} disks, not {count}", level.name, level.fewest);
            return Err(unfit(what, "give more disks, or choose another level"));
        }
        let flag = |key: &str| disk.get(key).and_then(Value::as_bool).unwrap_or(false);
        Ok(Self {
            level,
            bytes,
            name: text("volume_name").map(str::to_owned),
            is_root: flag("is_root_volume"),
            shares: flag("share_physical_disks"),
            solid: text("disk_type").map(|kind| kind == "ssd"),
            protocol,
            count,
            controller: text("controller").map(str::to_owned),
            disks,
        })
    }

    fn label(&self) -> String {
        let size = self.bytes.map_or_else(|| "MAX".to_owned(), |bytes| format!("{} GiB", bytes / GIB));
        format!("RAID level {} of {size}", self.level.name)
    }

    fn suits(&self, disk: &Disk) -> bool {
        let named = self.disks.is_empty() || disk.names.iter().any(|name| self.disks.contains(name));
        named
            && self.solid.is_none_or(|solid| disk.solid == Some(solid))
            && self.protocol.as_deref().is_none_or(|wanted| disk.protocol.as_deref() == Some(wanted))
    }
}

/// What is left of each disk.
#[derive(Debug)]
struct Room {
    /// Free bytes, in whole stripes.
    free: BTreeMap<String, u64>,
    /// Disks on which something is, with whether others may join it.
    shared: BTreeMap<String, bool>,
}

impl Room {
    fn of(controllers: &[Controller]) -> Self {
        let disks = || controllers.iter().flat_map(|controller| &controller.disks);
        Self {
            free: disks()
                .map(|disk| (disk.path.clone(), stripes(disk.bytes.saturating_sub(disk.used))))
                .collect(),
            shared: disks().filter(|disk| disk.used > 0).map(|disk| (disk.path.clone(), true)).collect(),
        }
    }

    fn place(&mut self, wish: &Wish, controllers: &[Controller]) -> Result<Planned, HardwareError> {
        let meant: Vec<&Controller> = controllers
            .iter()
            .filter(|one| wish.controller.as_ref().is_none_or(|name| one.names.contains(name)))
            .collect();
        if meant.is_empty() {
            let known: Vec<&str> =
                controllers.iter().filter_map(|one| Some(one.names.first()?.as_str())).collect();
            let name = wish.controller.as_deref().unwrap_or("for RAID");
            return Err(unfit(
                format!("the node has no controller {name}"),
                format!("controllers with volumes are: {}", known.join(", ")),
            ));
        }
        let offers = |one: &&&Controller| {
            one.raid_types.as_ref().is_none_or(|types| types.iter().any(|kind| kind == wish.level.raid_type))
        };
        if !meant.iter().any(|one| offers(&one)) {
            return Err(unfit(
                format!("no controller of the node offers RAID level {}", wish.level.name),
                "choose a level that the controller has",
            ));
        }
        for controller in meant.iter().filter(offers) {
            if let Some(planned) = self.place_on(wish, controller) {
                return Ok(planned);
            }
        }
        Err(unfit(
            format!("no disks are left that fit {}", wish.label()),
            "make it smaller, let logical disks share physical disks, or delete what is on them first",
        ))
    }

    fn place_on(&mut self, wish: &Wish, controller: &Controller) -> Option<Planned> {
        let open = |disk: &&Disk| match self.shared.get(&disk.path) {
            None => true,
            Some(may_join) => *may_join && wish.shares,
        };
        let usable: Vec<&Disk> =
            controller.disks.iter().filter(|disk| wish.suits(disk)).filter(open).collect();
        let mut kinds: Vec<(Option<bool>, Option<String>)> =
            usable.iter().map(|disk| (disk.solid, disk.protocol.clone())).collect();
        kinds.sort();
        kinds.dedup();
        let alike = |kind: &(Option<bool>, Option<String>)| {
            usable
                .iter()
                .copied()
                .filter(|disk| (disk.solid, disk.protocol.clone()) == *kind)
                .collect::<Vec<_>>()
        };
        let chosen = kinds.iter().filter_map(|kind| self.choose(wish, alike(kind)));
        // Fewest disks, then the least of space.
        let chosen =
            chosen.min_by_key(|disks| (disks.len(), disks.iter().map(|disk| disk.bytes).sum::<u64>()))?;
        Some(self.take(wish, controller, &chosen))
    }

    /// The smallest disks that suffice; for all the space that there is, the largest.
    fn choose<'a>(&self, wish: &Wish, mut disks: Vec<&'a Disk>) -> Option<Vec<&'a Disk>> {
        let free = |disk: &&Disk| self.free.get(&disk.path).copied().unwrap_or_default();
        disks.sort_by_key(free);
        let counts = match wish.count {
            Some(count) => count..=count,
            None => wish.level.fewest..=disks.len(),
        };
        let Some(bytes) = wish.bytes else {
            disks.reverse();
            disks.truncate(*counts.start());
            return (disks.len() == *counts.start() && disks.iter().all(|disk| free(disk) > 0))
                .then_some(disks);
        };
        counts.filter(|count| wish.level.takes(*count)).find_map(|count| {
            let share = bytes.div_ceil(wish.level.data_disks(count));
            let enough: Vec<&Disk> =
                disks.iter().copied().filter(|disk| free(disk) >= share).take(count).collect();
            (enough.len() == count).then_some(enough)
        })
    }

    fn take(&mut self, wish: &Wish, controller: &Controller, chosen: &[&Disk]) -> Planned {
        for disk in chosen {
            let share =
                wish.bytes.map(|bytes| stripes_up(bytes.div_ceil(wish.level.data_disks(chosen.len()))));
            let free = self.free.entry(disk.path.clone()).or_default();
            *free = share.map_or(0, |share| free.saturating_sub(share));
            self.shared.insert(disk.path.clone(), wish.shares);
        }
        let first = |names: &[String]| names.first().cloned().unwrap_or_default();
        Planned {
            volumes: controller.volumes.clone(),
            controller: first(&controller.names),
            level: wish.level.name.to_owned(),
            raid_type: wish.level.raid_type.to_owned(),
            disks: chosen.iter().map(|disk| disk.path.clone()).collect(),
            disk_names: chosen.iter().map(|disk| first(&disk.names)).collect(),
            bytes: wish.bytes,
            name: wish.name.clone(),
            is_root: wish.is_root,
        }
    }
}

const fn stripes(bytes: u64) -> u64 {
    bytes / STRIPE * STRIPE
}

const fn stripes_up(bytes: u64) -> u64 {
    bytes.div_ceil(STRIPE) * STRIPE
}

fn unfit(what: impl Into<String>, advice: impl Into<String>) -> HardwareError {
    HardwareError::invalid(format!("the RAID layout cannot be made: {}", what.into()), advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn disk(name: &str, gib: u64, solid: bool) -> Disk {
        Disk {
            path: format!("/{name}"),
            names: vec![name.to_owned()],
            bytes: gib * GIB,
            used: 0,
            solid: Some(solid),
            protocol: Some("sata".to_owned()),
        }
    }

    fn controller() -> Controller {
        let spinning = ["h1", "h2", "h3", "h4"].map(|name| disk(name, 1000, false));
        let solid = [disk("s1", 100, true), disk("s2", 200, true)];
        Controller {
            names: vec!["RAID.1".to_owned()],
            volumes: "/volumes".to_owned(),
            raid_types: Some(["RAID0", "RAID1", "RAID5", "RAID10"].map(str::to_owned).to_vec()),
            disks: spinning.into_iter().chain(solid).collect(),
        }
    }

    fn chosen(wishes: Value) -> Result<Vec<Vec<String>>, String> {
        let planned = plan(wishes.as_array().unwrap(), &[controller()]);
        planned.map(|all| all.into_iter().map(|one| one.disk_names).collect()).map_err(|error| error.summary)
    }

    #[test]
    fn the_smallest_disks_that_suffice_are_chosen() {
        let one = |wish: Value| chosen(json!([wish])).map(|mut all| all.remove(0));
        for (wish, expected) in [
            (json!({"raid_level": "1", "size_gb": 50}), vec!["s1", "s2"]),
            (json!({"raid_level": "1", "size_gb": 150}), vec!["h1", "h2"]),
            (json!({"raid_level": "1", "size_gb": 50, "disk_type": "hdd"}), vec!["h1", "h2"]),
            (json!({"raid_level": "0", "size_gb": 150}), vec!["s2"]),
            (json!({"raid_level": "5", "size_gb": 1500}), vec!["h1", "h2", "h3"]),
            (json!({"raid_level": "5", "size_gb": 2500}), vec!["h1", "h2", "h3", "h4"]),
            (
                json!({"raid_level": "0", "size_gb": "MAX", "physical_disks": ["h3", "h4"], "controller": "RAID.1"}),
                vec!["h4", "h3"],
            ),
            (
                json!({"raid_level": "1+0", "size_gb": "MAX", "disk_type": "hdd"}),
                vec!["h4", "h3", "h2", "h1"],
            ),
            (
                json!({"raid_level": "1", "size_gb": 10, "number_of_physical_disks": 3}),
                vec!["h1", "h2", "h3"],
            ),
        ] {
            assert_eq!(
                one(wish.clone()).as_deref(),
                Ok(&expected.into_iter().map(str::to_owned).collect::<Vec<_>>()[..]),
                "{wish}"
            );
        }
    }

    #[test]
    fn disks_are_shared_only_by_those_that_agree_to_it() {
        let small = json!({"raid_level": "1", "size_gb": 40, "disk_type": "ssd"});
        let mut sharing = small.clone();
        sharing["share_physical_disks"] = json!(true);
        assert!(chosen(json!([small, small])).unwrap_err().contains("no disks are left"));
        assert!(chosen(json!([small, sharing])).is_err());
        assert_eq!(chosen(json!([sharing, sharing])).unwrap(), [["s1", "s2"], ["s1", "s2"]]);
        assert!(chosen(json!([sharing, sharing, sharing])).is_err(), "100 GiB hold two of 40");
        let rest =
            json!({"raid_level": "1", "size_gb": "MAX", "disk_type": "ssd", "share_physical_disks": true});
        let planned = plan(&[rest, sharing], &[controller()]).unwrap();
        assert_eq!(planned.iter().map(|one| one.bytes).collect::<Vec<_>>(), [Some(40 * GIB), None]);
    }

    #[test]
    fn what_cannot_be_made_is_refused_with_the_reason() {
        for (wish, reason) in [
            (json!({"raid_level": "6", "size_gb": 1}), "no controller of the node offers RAID level 6"),
            (json!({"raid_level": "JBOD", "size_gb": 1}), "RAID level JBOD"),
            (json!({"raid_level": "5", "size_gb": 1, "number_of_physical_disks": 2}), "needs 3 disks, not 2"),
            (json!({"raid_level": "1", "size_gb": 1, "interface_type": "scsi"}), "'scsi'"),
            (
                json!({"raid_level": "1", "size_gb": 5000}),
                "no disks are left that fit RAID level 1 of 5000 GiB",
            ),
            (json!({"raid_level": "1", "size_gb": 1, "controller": "RAID.9"}), "no controller RAID.9"),
            (json!({"raid_level": "0", "size_gb": 0}), "no usable size_gb"),
            (
                json!({"raid_level": "0", "size_gb": 1, "physical_disks": ["h9"], "controller": "RAID.1"}),
                "no disks",
            ),
        ] {
            let said = chosen(json!([wish])).unwrap_err();
            assert!(said.contains(reason), "{wish}: {said}");
        }
    }
}
