//! Guesses at second factors: counted before the answer is checked, given back if it was right, recorded if it was not.
//!
//! They are counted over all sessions, nodes and ways of an account: for each browser in which one was used before, and for
//! all others together, so that no stranger who knows the password locks the owner's browsers out; and for each network over
//! all accounts, so that whoever has many passwords has no more guesses. Of keys each network of the others has its own.

use std::sync::Arc;

use chancery_domain::StreamId;
use chancery_domain::account::SignInMethod;
use chancery_domain::account::commands::RecordSecondFactorFailures;

use super::guesses::worth;
use super::{LimitReached, Try};
use crate::accounts::LoadedAccount;
use crate::app::{App, Failure};
use crate::client::Client;
use crate::factors::mobile_app::is_by_request;
use crate::factors::verify::Answer;
use crate::places::Place;

/// One answer that was counted.
#[derive(Debug)]
pub(crate) struct AnswerTry {
    known_browser: bool,
    /// The counter by which failures are recorded, and what else was counted.
    tries: Vec<Try>,
    count: u32,
    /// Where it can be recorded behind the answer that it was wrong.
    place: Place,
}

impl App {
    /// Counts an answer.
    pub(crate) async fn take_answer(
        &self,
        client: &Client,
        account: &LoadedAccount,
        answer: Answer<'_>,
    ) -> Result<Result<AnswerTry, LimitReached>, Failure> {
        let stream = account.stream.as_bytes();
        let device = self.proved_device(&client.known, account.stream, &account.state);
        let by_key = answer.way == SignInMethod::SecurityKey || is_by_request(answer.way);
        let tried = match device {
            Some(device) => (self.limits.second_factor_known, self.counter(&[b"known factor", stream, &device])),
            // A signature is not guessed: what strangers elsewhere send in its place must not keep the owner's key out.
            None if by_key => {
                let counter = self.counter(&[b"unknown key", stream, client.network().as_bytes()]);
                (self.limits.second_factor_unknown, counter)
            }
            None => (self.limits.second_factor_unknown, self.counter(&[b"unknown factor", stream])),
        };
        let known_browser = device.is_some();
        let mut tries = vec![tried];
        if !known_browser && !by_key {
            let network = self.counter(&[b"factors of a network", client.network().as_bytes()]);
            tries.push((self.limits.second_factor_network, network));
        }
        // A code of the app is not signed, so that wrong ones never block the phone: they pause it where strangers may be.
        if let (false, SignInMethod::MobileAppQrCode, Some(phone)) = (known_browser, answer.way, answer.device) {
            tries.push((self.limits.app_code_unknown, self.counter(&[b"app codes", stream, phone.as_bytes()])));
        }
        let place = self.place_behind(worth(known_browser))?;
        let taken = self.take_all(&tries).await?.map(|counts| counts.first().copied().unwrap_or_default());
        Ok(taken.map(|count| AnswerTry { known_browser, tries, count, place }).inspect_err(|_| {
            metrics::counter!("chancery_sign_ins_total", "outcome" => "locked").increment(1);
        }))
    }

    /// The answer was right, or was never checked.
    pub(crate) async fn give_answer_back(&self, answer: &AnswerTry) -> Result<(), Failure> {
        self.give_back(&answer.tries).await
    }

    /// The answer was wrong: the first of a series and each doubling are recorded, behind what the person reads.
    pub(crate) fn record_wrong_answer(
        self: &Arc<Self>,
        client: &Client,
        account: StreamId,
        method: SignInMethod,
        answer: AnswerTry,
    ) {
        metrics::counter!("chancery_sign_ins_total", "outcome" => "refused").increment(1);
        let AnswerTry { known_browser, tries, count, place } = answer;
        let Some((limit, counter)) = tries.first().copied().filter(|_| count.is_power_of_two()) else { return };
        let (app, client) = (Arc::clone(self), client.clone());
        self.tasks.spawn(place, async move {
            let ends = app.window_end(&counter, limit.window).await;
            let command = RecordSecondFactorFailures { count, since: ends.minus(limit.window), method, known_browser };
            let once = app.once(&[b"answers", &counter, &ends.micros().to_be_bytes(), &count.to_be_bytes()]);
            app.record_failures(&client, account, &command, once).await;
        });
    }
}
