//! A list as a body, of items that are written already: each is copied once, into what is sent next, so that an answer takes
//! no more memory than that however long it is.

use super::json::put;
use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use std::convert::Infallible;
use std::fmt;
use std::iter::once;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Stands between two items.
const COMMA: Bytes = Bytes::from_static(b",");

/// What is left of a body.
pub(crate) struct Pieces {
    /// In bytes.
    size: usize,
    left: Box<dyn Iterator<Item = Bytes> + Send>,
}

impl Pieces {
    /// `{"name": [items], "next": next}`
    pub(crate) fn list(name: &str, items: Vec<Bytes>, next: Option<&str>) -> serde_json::Result<Self> {
        let (mut head, mut tail) = (b"{".to_vec(), b"]".to_vec());
        put(&mut head, name)?;
        head.extend_from_slice(b":[");
        if let Some(next) = next {
            tail.extend_from_slice(b",\"next\":");
            put(&mut tail, next)?;
        }
        tail.push(b'}');
        let commas = items.len().saturating_sub(1);
        let size = head.len() + commas + items.iter().map(Bytes::len).sum::<usize>() + tail.len();
        let items = items.into_iter().enumerate();
        let items =
            items.flat_map(|(index, item)| (index > 0).then_some(COMMA).into_iter().chain(once(item)));
        Ok(Self { size, left: Box::new(once(head.into()).chain(items).chain(once(tail.into()))) })
    }
}

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(self.left.next().map(Ok))
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pieces").field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;

    #[actix_web::test]
    async fn pieces_are_sent_as_one_list_of_the_size_that_was_told() {
        let items =
            |texts: &[&'static str]| texts.iter().map(|text| Bytes::from_static(text.as_bytes())).collect();
        for (given, next, expected) in [
            (items(&[]), None, r#"{"nodes":[]}"#),
            (items(&["1"]), None, r#"{"nodes":[1]}"#),
            (items(&["1", "{}"]), Some("a\"b"), r#"{"nodes":[1,{}],"next":"a\"b"}"#),
        ] {
            let pieces = Pieces::list("nodes", given, next).unwrap();
            let size = pieces.size();
            let sent = to_bytes(pieces).await.unwrap();
            assert_eq!(sent, expected);
            assert_eq!(size, BodySize::Sized(sent.len() as u64));
        }
    }
}
