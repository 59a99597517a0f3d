//! Virtual media of a Manager.

use actix_web::web::Bytes;
use serde_json::{Map, Value, json};

use super::answer::{About, Answer, collection, done, object};
use super::message;
use super::refusal::Refusal;
use crate::fault::FaultKind;
use crate::fetch::{self, Source};
use crate::state::{Media, SLOTS, Slot};

const INSERT: &str = "VirtualMedia.InsertMedia";
/// Parameters of InsertMedia (DSP0268); all but the image may be left out.
const PARAMETERS: &[&str] = &[
    "Image",
    "Inserted",
    "WriteProtected",
    "UserName",
    "Password",
    "TransferMethod",
    "TransferProtocolType",
    "MediaType",
];
const PROTOCOLS: &[&str] = &["HTTP", "HTTPS"];

pub(super) async fn list(about: About) -> Answer {
    let path = format!("{}/VirtualMedia", about.identity().manager_path());
    let members = SLOTS.iter().map(|slot| format!("{path}/{}", slot.id)).collect();
    about.resource(collection(&path, "VirtualMediaCollection", "Virtual media", members))
}

pub(super) async fn show(about: About) -> Answer {
    let at = find_slot(&about)?;
    let media = about.fleet.read(about.index, |live| live.state.media[at].clone());
    about.resource(render(&about, &SLOTS[at], media.as_ref()))
}

pub(super) async fn insert(about: About, body: Bytes) -> Answer {
    let at = find_slot(&about)?;
    let media = read_media(&SLOTS[at], &object(&body)?)?;
    let strike =
        about.take_fault(&[SLOTS[at].id, INSERT], |kind| matches!(kind, FaultKind::ImageRejected { .. }));
    if let Some(FaultKind::ImageRejected { status, message }) = strike {
        return Err(Refusal::told(status, &message));
    }
    about.fleet.read(about.index, |live| check_empty(live.state.media[at].as_ref()))?;
    probe(&about, &media).await?;
    about.fleet.update(about.index, |live| {
        check_empty(live.state.media[at].as_ref())?;
        live.state.media[at] = Some(media);
        live.state.counters.inserts += 1;
        Ok(done())
    })
}

pub(super) async fn eject(about: About) -> Answer {
    let at = find_slot(&about)?;
    about.fleet.update(about.index, |live| {
        live.state.counters.ejects += u32::from(live.state.media[at].take().is_some());
    });
    Ok(done())
}

/// Reads the image's beginning, as a BMC does before it claims to have mounted it.
async fn probe(about: &About, media: &Media) -> Result<(), Refusal> {
    let source = Source {
        url: media.image.clone(),
        username: media.username.clone(),
        password: media.password.clone(),
    };
    let client = about.fleet.http.clone();
    // On the simulator's own runtime, where the client's connections live.
    let probe = about.fleet.runtime.spawn(async move { fetch::probe(&client, &source).await });
    let failure = match probe.await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(failure)) => failure.to_string(),
        Err(_) => "the service is stopping".to_owned(),
    };
    tracing::info!(server = about.index, failure, "image refused");
    Err(Refusal::new(&message::UNREACHABLE, &[&media.image, &failure]))
}

fn find_slot(about: &About) -> Result<usize, Refusal> {
    Slot::position(about.variable("slot")).ok_or_else(|| about.missing())
}

fn check_empty(media: Option<&Media>) -> Result<(), Refusal> {
    match media {
        None => Ok(()),
        Some(_) => Err(Refusal::new(&message::IN_USE, &["media is inserted already"])),
    }
}

fn read_media(slot: &Slot, body: &Map<String, Value>) -> Result<Media, Refusal> {
    if let Some(name) = body.keys().find(|name| !PARAMETERS.contains(&name.as_str())) {
        return Err(Refusal::new(&message::UNKNOWN_PARAMETER, &[INSERT, name]));
    }
    let text = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Refusal::new(&message::PARAMETER_TYPE, &[&other.to_string(), name])),
    };
    let flag = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(true),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(Refusal::new(&message::PARAMETER_TYPE, &[&other.to_string(), name])),
    };
    let image =
        text("Image")?.ok_or_else(|| Refusal::new(&message::MISSING_PARAMETER, &[INSERT, "Image"]))?;
    let known = url::Url::parse(&image).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !known {
        return Err(Refusal::new(&message::PARAMETER_VALUE, &[&image, "Image"]));
    }
    if let Some(protocol) = text("TransferProtocolType")?
        && !PROTOCOLS.contains(&protocol.as_str())
    {
        return Err(Refusal::new(&message::PARAMETER_VALUE, &[&protocol, "TransferProtocolType"]));
    }
    if let Some(wanted) = text("MediaType")?
        && !slot.media_types.contains(&wanted.as_str())
    {
        return Err(Refusal::new(&message::PARAMETER_VALUE, &[&wanted, "MediaType"]));
    }
    if !flag("Inserted")? {
        return Err(Refusal::new(&message::PARAMETER_VALUE, &["false", "Inserted"]));
    }
    Ok(Media {
        image,
        write_protected: flag("WriteProtected")?,
        username: text("UserName")?,
        password: text("Password")?,
    })
}

fn render(about: &About, slot: &Slot, media: Option<&Media>) -> Value {
    let path = format!("{}/VirtualMedia/{}", about.identity().manager_path(), slot.id);
    let action = |name: &str| format!("{path}/Actions/{name}");
    json!({
        "@odata.id": path,
        "@odata.type": "#VirtualMedia.v1_6_3.VirtualMedia",
        "Id": slot.id,
        "Name": slot.name,
        "MediaTypes": slot.media_types,
        "Image": media.map(|media| media.image.as_str()),
        "ImageName": media.map(Media::image_name),
        "Inserted": media.is_some(),
        "WriteProtected": media.map(|media| media.write_protected),
        "ConnectedVia": if media.is_some() { "URI" } else { "NotConnected" },
        "UserName": media.and_then(|media| media.username.as_deref()),
        "Password": null,
        "TransferMethod": "Stream",
        "VerifyCertificate": false,
        "Actions": {
            "#VirtualMedia.InsertMedia": {
                "target": action(INSERT),
                "TransferProtocolType@Redfish.AllowableValues": PROTOCOLS,
                "TransferMethod@Redfish.AllowableValues": ["Stream"],
            },
            "#VirtualMedia.EjectMedia": {"target": action("VirtualMedia.EjectMedia")},
        },
    })
}
