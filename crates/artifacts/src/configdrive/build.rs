//! From parts to the text the agent writes to disk.

use std::io::{self, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderStringWriter;
use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

use crate::configdrive::{ConfigDriveParts, MAX_BYTES};
use crate::iso::{Layout, LayoutSpec};
use crate::{ArtifactError, Result};

const LABEL: &str = "config-2";
const VERSIONS: [&str; 2] = ["2012-08-10", "latest"];

impl ConfigDriveParts {
    /// The configdrive of a node: an ISO 9660 image labelled `config-2`, compressed with gzip, in base64.
    ///
    /// Equal parts give equal text. CPU-bound: for large `user_data` call it off the event loop.
    ///
    /// Errors: `TooLarge` above [`MAX_BYTES`].
    pub fn build(&self, node_uuid: &str, node_name: Option<&str>) -> Result<String> {
        let image = self.image(node_uuid, node_name)?;
        limited(image.len())?;
        let text =
            encoded(&image).map_err(|source| ArtifactError::Assemble { what: "configdrive", source })?;
        limited(text.len())?;
        Ok(text)
    }

    /// The files, with their paths.
    ///
    /// **Shape** — `openstack/{2012-08-10,latest}/{meta_data.json,network_data.json,user_data,vendor_data2.json}`;
    /// parts that are not given have no file.
    pub(crate) fn files(&self, node_uuid: &str, node_name: Option<&str>) -> Vec<(String, Bytes)> {
        let mut meta_data = self.meta_data.clone();
        meta_data.entry("uuid").or_insert_with(|| json!(node_uuid));
        if let Some(name) = node_name {
            meta_data.entry("name").or_insert_with(|| json!(name));
        }
        let object = |map: &ferric_model::JsonMap| json!(map).to_string();
        let user_data = self.user_data.as_ref().map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let parts = [
            ("meta_data.json", Some(object(&meta_data))),
            ("network_data.json", self.network_data.as_ref().map(object)),
            ("user_data", user_data),
            ("vendor_data2.json", self.vendor_data.as_ref().map(object)),
        ];
        let mut files = Vec::new();
        for version in VERSIONS {
            for (name, content) in &parts {
                if let Some(content) = content {
                    files.push((format!("openstack/{version}/{name}"), Bytes::from(content.clone())));
                }
            }
        }
        files
    }

    fn image(&self, node_uuid: &str, node_name: Option<&str>) -> Result<Vec<u8>> {
        let files = self.files(node_uuid, node_name);
        let sizes: Vec<(&str, u64)> =
            files.iter().map(|(path, content)| (path.as_str(), content.len() as u64)).collect();
        let spec = LayoutSpec { label: LABEL, publisher: "", boot_file: None };
        let layout = Layout::compute(spec, &sizes)?;
        limited(usize::try_from(layout.total_bytes).unwrap_or(usize::MAX))?;
        Ok(layout.assemble(files.iter().map(|(_, content)| &content[..])))
    }
}

fn encoded(image: &[u8]) -> io::Result<String> {
    // No file name and no time: equal parts give equal text.
    let writer = EncoderStringWriter::new(&STANDARD);
    let mut gzip = GzBuilder::new().mtime(0).write(writer, Compression::default());
    gzip.write_all(image)?;
    Ok(gzip.finish()?.into_inner())
}

fn limited(size: usize) -> Result<()> {
    if size as u64 > MAX_BYTES {
        return Err(ArtifactError::TooLarge { what: "configdrive".to_owned(), limit_bytes: MAX_BYTES });
    }
    Ok(())
}
