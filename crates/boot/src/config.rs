//! What an operator may decide about booting.

use ferric_installer::InstallerConfig;
use std::path::PathBuf;

/// What nodes boot that name nothing of their own, and where it comes from.
#[derive(Debug, Clone, Default)]
pub struct BootConfig {
    /// Kernel of the ramdisk.
    pub kernel: Option<String>,
    /// The ramdisk.
    pub ramdisk: Option<String>,
    /// UEFI boot loader of boot images.
    pub bootloader: Option<String>,
    /// Image of an EFI system partition, in place of the boot loader.
    pub esp: Option<String>,
    /// The program that unified kernel images begin with.
    pub stub: Option<String>,
    /// Kernel parameters.
    pub kernel_append_params: String,
    /// Folders below which `file://` sources may lie.
    pub file_roots: Vec<PathBuf>,
    /// Authorities of the API in PEM, for ramdisks.
    pub api_ca: Option<PathBuf>,
    /// Folder of boot loaders.
    pub loader_dir: Option<PathBuf>,
    /// What answer files of installers may do.
    pub installer: InstallerConfig,
}
