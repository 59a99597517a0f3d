//! Unified kernel images: the kernel line out of the section table of a PE image (UAPI.5).

/// The kernel line; none when it is no such image, or has no kernel or ramdisk in it.
pub(super) fn kernel_line(image: &[u8]) -> Option<String> {
    let number = |at: usize| Some(u32::from_le_bytes(image.get(at..at + 4)?.try_into().ok()?) as usize);
    let short = |at: usize| Some(usize::from(u16::from_le_bytes(image.get(at..at + 2)?.try_into().ok()?)));
    let header = number(60).filter(|_| image.starts_with(b"MZ"))?;
    image.get(header..)?.strip_prefix(b"PE\0\0")?;
    let table = header + 24 + short(header + 20)?;
    let section = |name: &[u8]| {
        (0..short(header + 6)?).find_map(|index| {
            let entry = table + index * 40;
            let found = image.get(entry..entry + 8)?;
            let found = found.split(|byte| *byte == 0).next()?;
            let (size, at) = (number(entry + 8)?, number(entry + 20)?);
            if found == name { image.get(at..at + size) } else { None }
        })
    };
    let (kernel, ramdisk) = (section(b".linux")?, section(b".initrd")?);
    if kernel.is_empty() || ramdisk.is_empty() {
        return None;
    }
    Some(String::from_utf8_lossy(section(b".cmdline")?).trim_end_matches('\0').to_owned())
}
