"""Kickstart files made up from a seed: most are right, some have one thing wrong with them."""

import random

NAMES = ['root', 'home', 'swap0', 'data', 'pool']
POINTS = ['/', '/home', '/boot', '/srv', '/var/log', '/boot/efi', 'swap', '//srv/./x', '/a/../b']
DISKS = ['sda', '/dev/sdb', 'nvme0n1', 'disk/by-id/wwn-0x5000', 'vda']
SIZES = ['1', '512', '10240', '+7', '1_000', '0']
SIMPLE = ['text', 'cmdline', 'graphical', 'reboot', 'reboot --eject', 'poweroff', 'skipx', 'lang en_US.UTF-8',
          'keyboard us', 'keyboard --vckeymap=us', 'timezone Etc/UTC --utc', 'selinux --enforcing', 'firewall --enabled',
          'network --bootproto=dhcp --hostname=a', 'firstboot --disable', 'rootpw --lock', 'rootpw --iscrypted $6$x',
          "rootpw --plaintext 'a b'", 'services --enabled=sshd', 'user --name=a', 'eula --agreed', 'liveimg --url=http://h/a.tar',
          'url --url=http://h/os/', 'url --mirrorlist=http://h/m --noverifyssl', 'cdrom', 'repo --name=a --baseurl=http://h/a',
          '# a comment', '', '   # another', 'lang "en_US.UTF-8" # and a comment', 'halt', 'shutdown', 'group --name=g']
WRONG = ['lange en_US', 'install', 'part', 'part / /x --size=1', 'part / --size=a', 'part / --siz 5 --gro', 'part / --size',
         'part / --size --grow', "part / --label='x", 'part / --unknown', 'part / --fstype=btrfs', 'part / --resize --size=5',
         'part / --onpart=sda1 --resize', 'part / --noformat --mkfsoptions=x', 'part / --fstype=tmpfs --grow',
         'part / --pbkdf-time=1 --pbkdf-iterations=2', 'raid / --device=md0 raid.1', 'raid / --level=1 raid.1',
         'raid / --device=md0 --level=3 raid.1', 'raid / --device=md0 --level=1', 'raid / --device=md0 --useexisting raid.1',
         'volgroup', 'volgroup v', 'volgroup v --useexisting pv.1', 'volgroup v pv.1 --reserved-percent=100',
         'logvol / --name=a', 'logvol / --name=a --vgname=v', 'logvol / --name=a --vgname=v --percent=101',
         'logvol / --name=a --vgname=v --percent=10 --size=5', 'logvol / --name=a --vgname=v --thin --size=5',
         'logvol / --name=a --vgname=v --thin --thinpool --size=5', 'logvol / --name=a --vgname=v --chunksize=4 --size=5',
         'logvol / --name=a --vgname=v --resize --size=4', 'logvol / --name=a --vgname=v --cachesize=4 --size=4',
         'logvol / --name=a --vgname=v --cachepvs=pv.1 --cachesize=1 --cachemode=x --size=4', 'clearpart x', 'ignoredisk',
         'ignoredisk --drives=sda --only-use=sdb', 'ignoredisk --interactive', 'autopart --type=zfs', 'autopart --type=btrfs',
         'autopart x', 'bootloader --location=moon', 'bootloader --boot-drive=sda,sdb', 'bootloader --timeout=soon',
         'bootloader x', 'zerombr yes', 'rootpw', 'rootpw a b', 'liveimg', 'url', 'url --url', '%end', '%whatever',
         '%post --nochrot\n%end', '%onerror --nochroot\n%end', '%pre', '%packages\n@core', '%packages --default --nocore\n%end',
         '%include', '%pre\n%post\n%end\n%end']


def some(rng, options, least=0):
    return ' '.join(rng.sample(options, rng.randint(least, min(len(options), 4))))


def option(rng, name, values):
    return f'{name}{rng.choice(["=", " "])}{rng.choice(values)}'


def part(rng):
    return ' '.join(['part' if rng.random() < .8 else 'partition', rng.choice(POINTS + ['pv.1', 'raid.01']), some(rng, [
        option(rng, '--size', SIZES), '--grow', option(rng, '--maxsize', SIZES), option(rng, '--ondisk', DISKS),
        '--asprimary', '--recommended', '--fstype=xfs', "--fsoptions='noatime,discard'", '--label "a b"', '--encrypted',
        option(rng, '--passphrase', ['secret']), '--hibernation', '--onpart=sda3', '--luks-version=luks2', '--noformat'])])


def raid(rng):
    level = rng.choice(['0', '1', '5', 'RAID6', 'raid10', '4'])
    members = ' '.join(rng.sample(['raid.01', 'raid.02', 'raid.03', 'raid.04'], rng.randint(1, 4)))
    return ' '.join(['raid', rng.choice(POINTS + ['pv.9']), option(rng, '--device', ['md0', 'root']), f'--level={level}',
                     some(rng, ['--fstype ext4', option(rng, '--spares', ['0', '1']), '--chunksize=64', '--label=x']), members])


def volgroup(rng):
    return ' '.join(['volgroup', rng.choice(['v', 'sys']), some(rng, [
        option(rng, '--pesize', ['4096', '32768']), '--reserved-percent=10', '--reserved-space 5']), 'pv.1 pv.2'])


def logvol(rng):
    size = rng.choice(['--size=100', '--size 5 --grow', '--percent=30', '--recommended', '--size=9 --maxsize=99 --grow',
                       '--size=7 --thinpool', '--size=7 --thin --poolname=pool', '--useexisting', '--noformat'])
    return ' '.join(['logvol', rng.choice(POINTS + ['none']), option(rng, '--name', NAMES), option(rng, '--vgname', ['v', 'sys']),
                     size, some(rng, ['--fstype=xfs', '--fsoptions=noatime', '--label=x', '--encrypted'])])


def layout(rng):
    lines = []
    if rng.random() < .5:
        lines.append('zerombr')
    if rng.random() < .6:
        lines.append(f'clearpart {some(rng, ["--all", "--initlabel", option(rng, "--drives", ["sda,sdb", "vda"]), "--disklabel=gpt"])}')
    while rng.random() < .3:
        lines.append(f'ignoredisk {rng.choice(["--drives=sda", "--only-use sdb,sdc", "--only-use=vda"])}')
    if rng.random() < .6:
        lines.append('bootloader ' + some(rng, [
            "--append='quiet a=\"b c\"'", '--location=mbr', option(rng, '--boot-drive', ['sda', 'vda']), '--timeout=5',
            '--driveorder=sda,sdb', '--password=x', '--iscrypted']))
    if rng.random() < .35:
        lines.append(f'autopart {some(rng, ["--type=lvm", "--nohome", "--noswap", "--fstype=xfs", "--encrypted --passphrase=x"])}')
    else:
        makers = (part, part, part, raid, volgroup, logvol)
        lines += [rng.choice(makers)(rng) for _ in range(rng.randint(0, 6))]
    if rng.random() < .06:
        lines.append(rng.choice(['autopart', 'part / --size=5', 'reqpart']))
    return lines


def sections(rng):
    made = []
    for _ in range(rng.randint(0, 3)):
        header = rng.choice(['%pre', '%pre --log=/tmp/x', '%pre-install', '%post', '%post --nochroot --erroronfail', '%onerror',
                             '%post --interpreter /usr/bin/python3', '%traceback', '%addon com_redhat_kdump --enable', '%anaconda'])
        body = rng.choice(['echo a', "echo 'unclosed", '  %weird not a section', '# c', '', 'part / --size=1'])
        made.append(f'{header}\n{body}\n%end')
    if rng.random() < .5:
        made.append(f'%packages {rng.choice(["", "--ignoremissing", "--excludedocs --nocore"])}\n@core\nvim # editor\n-nano\n%end')
    return made


def kickstart(seed):
    rng = random.Random(seed)
    lines = rng.sample(SIMPLE, rng.randint(0, 8)) + layout(rng) + sections(rng)
    if rng.random() < .1:
        lines.append('%include /tmp/more')
    rng.shuffle(lines)
    if rng.random() < .45:
        lines.insert(rng.randint(0, len(lines)), rng.choice(WRONG))
    return '\n'.join(lines) + '\n'
