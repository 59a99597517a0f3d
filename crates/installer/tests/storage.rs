//! Layouts on disks: what fits, and what is said of what does not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use ferric_installer::kickstart::parse;
use ferric_installer::storage::{Disk, simulate};

fn disk(name: &str, usable: i64) -> Disk {
    Disk { name: name.to_owned(), aliases: Vec::new(), usable }
}

fn problems(text: &str, disks: &[Disk]) -> Vec<String> {
    let (document, unreadable) = parse(text);
    assert_eq!(unreadable, [], "{text}");
    simulate(&document, disks).iter().map(ToString::to_string).collect()
}

#[test]
fn layouts_that_fit_are_let_through() {
    let disks = [disk("sda", 100_000), disk("sdb", 50_000)];
    let layouts = [
        "zerombr\nclearpart --all --initlabel\nautopart --type=lvm\n",
        "part /boot --size=1024\npart swap --recommended\npart / --size=10000 --grow --ondisk=sda\n",
        // A group over two disks is larger than each.
        "part pv.1 --size=1 --grow --ondisk=sda\npart pv.2 --size=1 --grow --ondisk=sdb\n\
         volgroup v pv.1 pv.2\nlogvol / --vgname=v --name=root --size=140000\n",
        "part raid.1 --size=20000 --ondisk=sda\npart raid.2 --size=20000 --ondisk=sdb\n\
         raid / --device=md0 --level=1 raid.1 raid.2\n",
        // An array carries a group.
        "part raid.1 --size=20000 --ondisk=sda\npart raid.2 --size=20000 --ondisk=sdb\n\
         raid pv.1 --device=md0 --level=0 raid.1 raid.2\nvolgroup v pv.1\nlogvol / --vgname=v --name=r --size=39000\n",
        // A thin volume may promise more than there is.
        "part pv.1 --size=20000\nvolgroup v pv.1\nlogvol none --vgname=v --name=pool --thinpool --size=19000\n\
         logvol / --vgname=v --name=r --thin --poolname=pool --size=500000\n",
        "part / --onpart=/dev/sda2\n",
        "ignoredisk --only-use=sdb\npart / --size=49000\nbootloader --boot-drive=sdb\n",
        "ignoredisk --only-use=sda\nignoredisk --only-use=sdb\nignoredisk\npart / --size=49000\nbootloader --boot-drive=sdb\n",
        "%include /tmp/layout\n",
        "part / --size=1 --grow --ondisk=disk/by-id/wwn-1\n",
    ];
    for layout in layouts {
        assert_eq!(problems(layout, &disks), [""; 0], "{layout}");
    }
}

#[test]
fn layouts_that_cannot_be_made_are_refused_with_their_reason() {
    let disks = [disk("sda", 100_000), disk("sdb", 50_000)];
    let cases = [
        ("part / --size=120000\n", "line 1: / needs 120000 MiB, the largest disk has 100000 MiB"),
        ("part / --size=60000 --ondisk=sdb\n", "line 1: / needs 60000 MiB, sdb has 50000 MiB"),
        (
            "part / --size=60000 --ondisk=sda\npart /srv --size=60000 --ondisk=sda\n",
            "the partitions on sda need 120000 MiB, it has 100000 MiB",
        ),
        (
            "part / --size=60000\npart /srv --size=60000\n",
            "the partitions need 120000 MiB; 150000 MiB on these disks do not hold them: sda (100000 MiB), sdb (50000 MiB)",
        ),
        (
            "part / --size=1 --ondisk=nvme0n1\n",
            "line 1: part --ondisk names the disk nvme0n1; the node has sda (100000 MiB), sdb (50000 MiB)",
        ),
        (
            "ignoredisk --only-use=sdb\npart / --size=1 --ondisk=sda\n",
            "line 2: part --ondisk names the disk sda, which ignoredisk excludes",
        ),
        (
            "ignoredisk --drives=sda\nautopart\nbootloader --boot-drive=sda\n",
            "line 3: bootloader --boot-drive names the disk sda, which ignoredisk excludes",
        ),
        (
            "ignoredisk --drives=sda,sdb\nautopart\n",
            "line 2: autopart needs at least 2048 MiB; the disks that it may use have 0 MiB (sda (100000 MiB), sdb (50000 MiB))",
        ),
        (
            "part /boot --size=500\n",
            "nothing is mounted at /: use autopart, or give / a partition, volume or array",
        ),
        ("part / --size=5\npart / --size=5\n", "line 2: / is mounted already by line 1"),
        (
            "part raid.1 --size=5\nraid / --device=md0 --level=1 raid.1\n",
            "line 2: raid md0: its level needs 2 members beside spares, it has 1",
        ),
        (
            "part raid.1 --size=5\nraid / --device=md0 --level=1 raid.1 raid.2\n",
            "line 2: raid md0: no partition is called raid.2",
        ),
        (
            "part pv.1 --size=5\nvolgroup v pv.1\nvolgroup w pv.1\nlogvol / --vgname=v --name=r --size=1\n",
            "line 3: volgroup w: pv.1 belongs to something else already",
        ),
        (
            "part / --size=5\nlogvol /srv --vgname=v --name=r --size=1\n",
            "line 2: logvol r: there is no volume group v",
        ),
        (
            "part pv.1 --size=10000\nvolgroup v pv.1\nlogvol / --vgname=v --name=r --size=8000\nlogvol /srv --vgname=v --name=s --size=3000\n",
            "line 4: the volumes of v need 11000 MiB up to s, it has at most 9996 MiB",
        ),
        (
            "part raid.1 --size=20000 --ondisk=sda\npart raid.2 --size=20000 --ondisk=sdb\n\
             raid pv.1 --device=md0 --level=1 raid.1 raid.2\nvolgroup v pv.1\nlogvol / --vgname=v --name=r --size=30000\n",
            "line 5: the volumes of v need 30000 MiB up to r, it has at most 19996 MiB",
        ),
        (
            "part pv.1 --size=9000\nvolgroup v pv.1\nlogvol / --vgname=v --name=r --percent=60\nlogvol /srv --vgname=v --name=s --percent=60\n",
            "line 4: the volumes of v take 120 % of it",
        ),
        (
            "part pv.1 --size=9000\nvolgroup v pv.1\nlogvol / --vgname=v --name=r --thin --poolname=p --size=5\n",
            "line 3: there is no pool p in the volume group v",
        ),
    ];
    for (layout, expected) in cases {
        assert_eq!(problems(layout, &disks), [expected], "{layout}");
    }
    assert_eq!(problems("part / --size=5\n", &[]), ["line 1: / needs 5 MiB, the largest disk has 0 MiB"]);
}
