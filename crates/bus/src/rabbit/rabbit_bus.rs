//! The bus over RabbitMQ, put together.

use super::consume::{Source, consume, subscribe};
use super::declare::{count_waiting, is_unknown};
use super::link::Link;
use super::publish::{Publication, Target};
use crate::topology::Topology;
use crate::{Bus, BusConfig, BusError, Delivery};
use async_trait::async_trait;
use ferric_proto::v1::EventEnvelope;
use futures::stream::BoxStream;
use std::sync::Arc;
use std::time::Duration;

/// A bus over RabbitMQ.
#[derive(Debug)]
pub struct RabbitBus {
    link: Arc<Link>,
    /// Silence after which subscriptions are made anew.
    renewal: Duration,
}

impl RabbitBus {
    /// Connects once, so that an unusable setting shows at the start.
    pub async fn connect(config: &BusConfig) -> Result<Self, BusError> {
        let link = Arc::new(Link::new(config.url.expose(), Topology::new(&config.prefix))?);
        link.live().await?;
        Ok(Self { link, renewal: Duration::from_secs(config.renew_secs) })
    }
}

#[async_trait]
impl Bus for RabbitBus {
    async fn publish_action_bytes(&self, conductor_group: &str, payload: &[u8]) -> Result<(), BusError> {
        let target = Target::Queue(self.link.topology().action_queue(conductor_group));
        Publication { link: &self.link, target, payload }.publish().await
    }

    async fn publish_event_bytes(&self, payload: &[u8]) -> Result<(), BusError> {
        let target = Target::Exchange(self.link.topology().event_exchange());
        Publication { link: &self.link, target, payload }.publish().await
    }

    async fn consume_actions(
        &self,
        conductor_group: &str,
        prefetch: u16,
    ) -> Result<BoxStream<'static, Delivery>, BusError> {
        consume(&self.link, Source::Actions(conductor_group.to_owned()), prefetch, self.renewal).await
    }

    async fn waiting_actions(&self, conductor_group: &str) -> Result<usize, BusError> {
        let queue = self.link.topology().action_queue(conductor_group);
        let live = self.link.live().await?;
        // On a channel of its own, which a broker closes that does not know the queue.
        let channel = self.link.call(live.channel()).await?;
        let count = async {
            match count_waiting(&channel, &queue).await {
                Err(error) if is_unknown(&error) => Ok(0),
                counted => counted,
            }
        };
        self.link.call(count).await
    }

    async fn consume_dead_letters(&self, prefetch: u16) -> Result<BoxStream<'static, Delivery>, BusError> {
        consume(&self.link, Source::DeadLetters, prefetch, self.renewal).await
    }

    async fn subscribe_events(&self) -> Result<BoxStream<'static, EventEnvelope>, BusError> {
        subscribe(&self.link).await
    }

    async fn ping(&self) -> Result<(), BusError> {
        let live = self.link.live().await?;
        // Opening a channel needs an answer of the broker; dropping it closes it.
        self.link.call(live.channel()).await.map(|_| ())
    }

    async fn close(&self) {
        self.link.close().await;
    }
}
