//! Virtual media slots.

/// A kind of slot every simulated BMC has.
#[derive(Debug)]
pub(crate) struct Slot {
    pub id: &'static str,
    pub name: &'static str,
    pub media_types: &'static [&'static str],
}

/// The slots, in the order a BMC lists them; state keeps one [`Media`] per row.
pub(crate) const SLOTS: [Slot; 2] = [
    Slot { id: "Cd", name: "Virtual optical drive", media_types: &["CD", "DVD"] },
    Slot { id: "Usb", name: "Virtual removable disk", media_types: &["USBStick", "Floppy"] },
];

/// What is in a slot.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    pub image: String,
    pub write_protected: bool,
    pub username: Option<String>,
    pub password: Option<String>,
}

impl Slot {
    pub(crate) fn position(id: &str) -> Option<usize> {
        SLOTS.iter().position(|slot| slot.id == id)
    }
}

impl Media {
    /// The last part of the image's path, as BMCs show it.
    pub(crate) fn image_name(&self) -> &str {
        let path = self.image.split(['?', '#']).next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}
