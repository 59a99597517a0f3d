//! Writing a whole-disk image: really downloaded, really verified, remembered instead of stored.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use reqwest::header::AUTHORIZATION;
use serde_json::{Map, Value};

use super::command::CommandError;
use super::registry::Agent;
use crate::digest::Checksum;
use crate::fetch::{self, FetchFailure, Source};
use crate::state::DiskImage;

const DOWNLOAD_ATTEMPTS: u32 = 3;
const DOWNLOAD_PAUSE: Duration = Duration::from_millis(300);
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
/// A checksum file that is larger is none.
const MAX_CHECKSUM_FILE_BYTES: usize = 1 << 20;

/// What `image_info` asks for.
struct Wanted {
    id: String,
    source: Source,
    authorization: Option<String>,
    algorithm: Option<String>,
    checksum: String,
}

struct Downloaded {
    size_bytes: u64,
    checksum: String,
}

/// Writes the image that `args` describe and returns the agent's one-line account of it.
pub(super) async fn write(agent: &Agent, args: &Value) -> Result<String, CommandError> {
    let wanted = read_image_info(args)?;
    let configdrive = read_configdrive(agent, args).await?;
    let uptime = agent.uptime();
    let model = uptime.fleet.servers[uptime.index].model;
    let disk = model
        .root_disk()
        .ok_or_else(|| CommandError::new("DeviceNotFound", "No disk", "nothing to write to"))?;
    // What was on the disk is gone as soon as writing begins.
    uptime.update(|live| live.state.disk = None);
    let done = download(agent, &wanted, disk.bytes).await?;
    let account =
        format!("image ({}) written to device {} ({} bytes)", wanted.id, disk.device, done.size_bytes);
    uptime.update(|live| {
        live.state.disk = Some(DiskImage {
            image_id: wanted.id,
            url: wanted.source.url,
            size_bytes: done.size_bytes,
            checksum: done.checksum,
            device: disk.device.to_owned(),
            configdrive_bytes: configdrive,
            bootloader_installed: false,
        });
    });
    Ok(account)
}

fn read_image_info(args: &Value) -> Result<Wanted, CommandError> {
    let invalid = |details: &str| CommandError::params(format!("image_info: {details}"));
    let info = args.get("image_info").and_then(Value::as_object).ok_or_else(|| invalid("missing"))?;
    let text = |name: &str| info.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let url = info
        .get("urls")
        .and_then(Value::as_array)
        .and_then(|urls| urls.first())
        .and_then(Value::as_str)
        .ok_or_else(|| invalid("urls must be a list with a URL"))?;
    let (algorithm, checksum) = match (text("os_hash_algo"), text("os_hash_value")) {
        (Some(algorithm), Some(value)) => (Some(algorithm), value),
        _ => (
            None,
            text("checksum").ok_or_else(|| invalid("neither checksum nor os_hash_algo and os_hash_value"))?,
        ),
    };
    let source = match text("image_server_auth_strategy") {
        Some("http_basic") => Source {
            url: url.to_owned(),
            username: text("image_server_user").map(str::to_owned),
            password: text("image_server_password").map(str::to_owned),
        },
        _ => Source { url: url.to_owned(), username: None, password: None },
    };
    Ok(Wanted {
        id: text("id").ok_or_else(|| invalid("id is missing"))?.to_owned(),
        source,
        authorization: read_authorization(info)
            .map_err(|()| invalid("image_request_authorization is not base64"))?,
        algorithm: algorithm.map(str::to_owned),
        checksum: checksum.to_owned(),
    })
}

fn read_authorization(info: &Map<String, Value>) -> Result<Option<String>, ()> {
    let Some(encoded) = info.get("image_request_authorization").and_then(Value::as_str) else {
        return Ok(None);
    };
    let bytes = STANDARD.decode(encoded).map_err(drop)?;
    String::from_utf8(bytes).map(Some).map_err(drop)
}

/// Length of the decoded configdrive; it comes as base64 of gzip, or as a URL of that.
async fn read_configdrive(agent: &Agent, args: &Value) -> Result<Option<u64>, CommandError> {
    let given = args.get("configdrive").or_else(|| args.pointer("/image_info/configdrive"));
    let text = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(CommandError::params("configdrive must be text")),
    };
    let broken =
        |details: String| CommandError::new("ConfigDriveError", "The configdrive is unusable", details);
    let encoded = if text.starts_with("http://") || text.starts_with("https://") {
        let request = agent.uptime().fleet.http.get(&text);
        let fetched = async {
            let response = fetch::accept(request.send().await?)?;
            Ok::<_, FetchFailure>(response.bytes().await?)
        };
        let bytes = fetched.await.map_err(|failure| broken(format!("it cannot be downloaded: {failure}")))?;
        if bytes.starts_with(GZIP_MAGIC) {
            return Ok(Some(bytes.len() as u64));
        }
        String::from_utf8(bytes.to_vec()).map_err(|_| broken("it is neither gzip nor base64".to_owned()))?
    } else {
        text
    };
    let compact: String = encoded.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(compact).map_err(|_| broken("it is not base64".to_owned()))?;
    if !bytes.starts_with(GZIP_MAGIC) {
        return Err(broken("it is not gzip".to_owned()));
    }
    Ok(Some(bytes.len() as u64))
}

async fn download(agent: &Agent, wanted: &Wanted, limit_bytes: u64) -> Result<Downloaded, CommandError> {
    let expected = expected_checksum(agent, wanted).await?;
    let mut attempt = 1;
    let done = loop {
        match download_once(agent, wanted, &expected, limit_bytes).await {
            Ok(done) => break done,
            Err(failure) if attempt < DOWNLOAD_ATTEMPTS && failure.is_passing() => attempt += 1,
            Err(failure) => {
                return Err(CommandError::new(
                    "ImageDownloadError",
                    "Error downloading image",
                    format!("image {} from {}: {failure} (attempt {attempt})", wanted.id, wanted.source.url),
                ));
            }
        }
        let uptime = agent.uptime();
        tokio::time::sleep(uptime.fleet.jittered(uptime.index, DOWNLOAD_PAUSE, 0.5..1.5)).await;
    };
    if !done.checksum.eq_ignore_ascii_case(&expected) {
        return Err(CommandError::new(
            "ImageChecksumError",
            "Error verifying image checksum",
            format!("image {} should have {expected} but has {}", wanted.id, done.checksum),
        ));
    }
    Ok(done)
}

async fn download_once(
    agent: &Agent,
    wanted: &Wanted,
    expected: &str,
    limit_bytes: u64,
) -> Result<Downloaded, FetchFailure> {
    let mut checksum = match &wanted.algorithm {
        Some(name) => Checksum::by_name(name),
        None => Checksum::by_result(expected),
    }
    .ok_or_else(|| FetchFailure {
        status: Some(400),
        reason: "the checksum algorithm is not supported".to_owned(),
    })?;
    let mut request = wanted.source.authorize(agent.uptime().fleet.http.get(&wanted.source.url));
    if let Some(authorization) = &wanted.authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let mut body = fetch::accept(request.send().await?)?.bytes_stream();
    let mut size_bytes = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        checksum.update(&chunk);
        size_bytes += chunk.len() as u64;
        if size_bytes > limit_bytes {
            return Err(FetchFailure {
                status: Some(413),
                reason: "the image is larger than the disk".to_owned(),
            });
        }
    }
    Ok(Downloaded { size_bytes, checksum: checksum.finish() })
}

/// The checksum, fetched first when a URL was given in its place.
async fn expected_checksum(agent: &Agent, wanted: &Wanted) -> Result<String, CommandError> {
    if !wanted.checksum.starts_with("http://") && !wanted.checksum.starts_with("https://") {
        return Ok(wanted.checksum.clone());
    }
    let broken = |why: String| {
        CommandError::new(
            "ImageDownloadError",
            "Error downloading the checksum",
            format!("{}: {why}", wanted.checksum),
        )
    };
    let fetched = async {
        let response = fetch::accept(agent.uptime().fleet.http.get(&wanted.checksum).send().await?)?;
        Ok::<_, FetchFailure>(response.bytes().await?)
    };
    let bytes = fetched.await.map_err(|failure| broken(failure.to_string()))?;
    if bytes.len() > MAX_CHECKSUM_FILE_BYTES {
        return Err(broken("it is too large".to_owned()));
    }
    let image_name = wanted.source.url.rsplit('/').next().unwrap_or_default();
    find_checksum(&String::from_utf8_lossy(&bytes), image_name)
        .ok_or_else(|| broken("it holds no checksum of the image".to_owned()))
}

/// The checksum of a file in the output of a checksum tool, or the only word there is.
fn find_checksum(text: &str, image_name: &str) -> Option<String> {
    let mut lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| !words.is_empty());
    let first = lines.clone().next()?;
    if first.len() == 1 {
        return Some(first[0].to_owned());
    }
    lines
        .find(|words| words.last().is_some_and(|name| name.trim_start_matches(['*', '.', '/']) == image_name))
        .map(|words| words[0].to_owned())
}

#[cfg(test)]
mod tests {
    use super::find_checksum;

    #[test]
    fn checksum_files_are_searched_by_name() {
        let file = "aa  other.img\nbb *disk.img\n";
        assert_eq!(find_checksum(file, "disk.img").as_deref(), Some("bb"));
        assert_eq!(find_checksum(file, "missing.img"), None);
        assert_eq!(find_checksum("\ncc\n", "disk.img").as_deref(), Some("cc"));
    }
}
