//! Codec of envelopes.

use crate::BusError;
use ferric_proto::ENVELOPE_VERSION;
use ferric_proto::v1::{ActionEnvelope, EventEnvelope};
use prost::Message;

/// Encodes an action.
pub fn encode_action(envelope: &ActionEnvelope) -> Vec<u8> {
    envelope.encode_to_vec()
}

/// Encodes an event.
pub fn encode_event(envelope: &EventEnvelope) -> Vec<u8> {
    envelope.encode_to_vec()
}

/// Decodes an action.
///
/// **Errors**: `Undecodable` for what is no envelope, `UnknownVersion` for what a newer build wrote.
pub fn decode_action(payload: &[u8]) -> Result<ActionEnvelope, BusError> {
    let envelope = ActionEnvelope::decode(payload).map_err(undecodable)?;
    check(envelope.version, envelope.work.is_some())?;
    Ok(envelope)
}

/// Decodes an event.
///
/// **Errors**: as [`decode_action`].
pub fn decode_event(payload: &[u8]) -> Result<EventEnvelope, BusError> {
    let envelope = EventEnvelope::decode(payload).map_err(undecodable)?;
    check(envelope.version, envelope.event.is_some())?;
    Ok(envelope)
}

/// The version is judged first: a newer envelope may well hold contents that are unknown here.
fn check(version: u32, has_content: bool) -> Result<(), BusError> {
    if version > ENVELOPE_VERSION {
        return Err(BusError::UnknownVersion { version, newest: ENVELOPE_VERSION });
    }
    if version == 0 || !has_content {
        return Err(BusError::Undecodable { reason: "it is empty".to_owned() });
    }
    Ok(())
}

fn undecodable(error: prost::DecodeError) -> BusError {
    BusError::Undecodable { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_proto::v1::{NodeChanged, PowerSyncWork, action_envelope::Work, event_envelope::Event};

    fn action(version: u32) -> ActionEnvelope {
        let work = Work::PowerSync(PowerSyncWork { node_uuids: vec!["n".to_owned()], generations: vec![3] });
        ActionEnvelope { version, work: Some(work), traceparent: "00-1-2-01".to_owned() }
    }

    #[test]
    fn envelopes_survive_the_codec() {
        assert_eq!(
            decode_action(&encode_action(&action(ENVELOPE_VERSION))).unwrap(),
            action(ENVELOPE_VERSION)
        );
        let event = EventEnvelope {
            version: ENVELOPE_VERSION,
            event: Some(Event::Node(NodeChanged { node_uuid: "n".to_owned(), generation: 7 })),
        };
        assert_eq!(decode_event(&encode_event(&event)).unwrap(), event);
    }

    #[test]
    fn newer_versions_are_refused_even_with_unknown_content() {
        let newer = ActionEnvelope { work: None, ..action(ENVELOPE_VERSION + 1) };
        let refusal = decode_action(&encode_action(&newer)).unwrap_err();
        assert_eq!(
            refusal,
            BusError::UnknownVersion { version: ENVELOPE_VERSION + 1, newest: ENVELOPE_VERSION }
        );
    }

    #[test]
    fn work_that_only_a_newer_build_knows_is_put_aside() {
        // Field 14: no version has such a kind of work.
        assert_eq!(decode_action(b"\x08\x01\x72\x00").unwrap_err().kind(), "undecodable");
        assert!(
            decode_action(b"\x08\x01\x72\x00\x1a\x00").is_ok(),
            "beside work that is known it is skipped"
        );
    }

    #[test]
    fn garbage_and_emptiness_are_no_envelopes() {
        for garbage in [&b"\xff\xff\xff\xff"[..], b"", b"\x08\x01"] {
            assert_eq!(decode_action(garbage).unwrap_err().kind(), "undecodable");
            assert_eq!(decode_event(garbage).unwrap_err().kind(), "undecodable");
        }
    }
}
