//! Requests that are drawn at random from the request tables: right ones in other spellings, and
//! wrong ones.
//!
//! Knows: what can be drawn, from a seed, and how a drawn request becomes smaller. The only door to
//! `proptest`. Pure: the same seed gives the same requests. Must not know: what a drawn request is
//! in the end (that is `drawn`), or who sends it.

mod drawn;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::strategy::{BoxedStrategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::contract::{Contract, Operation};

use super::Catalogue;
use super::case::Case;
use drawn::{Drawn, Mistake, Shape, Spelling, case};

/// How many requests are drawn for each operation, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exploration {
    /// So many per operation that has a request table.
    pub count: u32,
    /// The same seed gives the same requests.
    pub seed: u64,
}

impl Catalogue {
    /// This catalogue with requests that are drawn at random.
    #[must_use]
    pub fn explored(self, contract: &Contract, exploration: Exploration) -> Self {
        let mut drawn = Vec::new();
        for operation in contract.operations.values() {
            let Some(strategy) = strategy(operation) else { continue };
            for index in 0..exploration.count {
                let tree = tree(&strategy, operation, exploration.seed, index);
                drawn.extend(tree.and_then(|tree| {
                    case(operation, &tree.current(), &id(operation, exploration.seed, index))
                }));
            }
        }
        let mut catalogue = self.with_drawn(drawn);
        catalogue.exploration = Some(exploration);
        catalogue
    }
}

type Tree = Box<dyn ValueTree<Value = Drawn>>;

/// A drawn case that fails, on its way to the smallest one that fails alike.
pub struct Smaller<'a> {
    operation: &'a Operation,
    tree: Tree,
    id: String,
    stage: Stage,
    /// Whether the plainest words are enough: without what no row names, and in one spelling.
    plain: bool,
    /// What was tried last, and the last that failed.
    tried: String,
    failed: String,
    tries: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Drawn,
    Plain,
    Smaller,
}

impl std::fmt::Debug for Smaller<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} after {} tries", self.id, self.tries)
    }
}

/// What stands in the id of a drawn case, and in no other, between operation and seed.
const DRAWN: &str = "::explored/";

/// Whether it is the id of a drawn case.
#[must_use]
pub fn is_drawn(id: &str) -> bool {
    id.contains(DRAWN)
}

/// The way from a drawn case to smaller ones; none for a case that wasn't drawn.
#[must_use]
pub fn smaller<'a>(contract: &'a Contract, id: &str) -> Option<Smaller<'a>> {
    let (operation, rest) = id.split_once(DRAWN)?;
    let (seed, index) = rest.split_once('/')?;
    let operation = contract.operations.get(operation)?;
    let tree = tree(&strategy(operation)?, operation, seed.parse().ok()?, index.parse().ok()?)?;
    let asked = asked(&case(operation, &tree.current(), id)?);
    Some(Smaller {
        operation,
        tree,
        id: id.to_owned(),
        stage: Stage::Drawn,
        plain: false,
        tried: asked.clone(),
        failed: asked,
        tries: 0,
    })
}

/// What a case sends and expects, whatever it is called.
fn asked(case: &Case) -> String {
    format!("{:?}", case.steps)
}

impl Smaller<'_> {
    /// The next case to try; `fails` says whether the last one, at first the drawn one, failed.
    /// None when there is nothing smaller.
    pub fn next(&mut self, fails: bool) -> Option<Case> {
        let mut fails = fails;
        if fails {
            self.failed.clone_from(&self.tried);
        }
        loop {
            match self.stage {
                Stage::Drawn => {
                    self.stage = Stage::Plain;
                    self.plain = true;
                }
                Stage::Plain => {
                    self.stage = Stage::Smaller;
                    self.plain = fails;
                    fails = true;
                    continue;
                }
                Stage::Smaller => {
                    let moved = if fails { self.tree.simplify() } else { self.tree.complicate() };
                    if !moved {
                        return None;
                    }
                }
            }
            let drawn = self.tree.current();
            let made = case(
                self.operation,
                &if self.plain { drawn.plain() } else { drawn },
                &format!("{}/smaller-{}", self.id, self.tries + 1),
            );
            // What can't be sent is passed over, and what was seen to fail isn't sent again.
            let Some(case) = made else {
                fails = false;
                continue;
            };
            self.tried = asked(&case);
            if self.tried == self.failed {
                fails = true;
                continue;
            }
            self.tries += 1;
            return Some(case);
        }
    }

    /// How many cases were tried.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.tries
    }
}

fn id(operation: &Operation, seed: u64, index: u32) -> String {
    format!("{}{DRAWN}{seed}/{index}", operation.id)
}

/// Each request has a generator of its own, so that a case doesn't depend on how many others are
/// drawn.
fn tree(
    strategy: &BoxedStrategy<Drawn>,
    operation: &Operation,
    seed: u64,
    index: u32,
) -> Option<Tree> {
    let seed = Sha256::digest(format!("{} {seed} {index}", operation.id));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, seed.as_slice());
    let config = Config { failure_persistence: None, ..Config::default() };
    strategy
        .new_tree(&mut TestRunner::new_with_rng(config, rng))
        .ok()
        .map(|tree| Box::new(tree) as Tree)
}

/// So many mistakes in one request.
const MOST_MISTAKES: usize = 3;

fn strategy(operation: &Operation) -> Option<BoxedStrategy<Drawn>> {
    let forms = super::generate::Parts::of(operation).len();
    if forms == 0 {
        return None;
    }
    let mistake = || {
        proptest::prop_oneof![
            2 => Just(Mistake::Remove),
            3 => "\\PC{0,24}".prop_map(Mistake::Text),
            3 => json().prop_map(Mistake::Json),
        ]
    };
    let extra = || ("[a-z]{1,8}", json());
    let wrong = (vec((any::<u8>(), mistake()), 1..=MOST_MISTAKES), vec(extra(), 0..=2))
        .prop_map(|(mistakes, extra)| Shape::Wrong { mistakes, extra });
    let shape = proptest::prop_oneof![
        // What fails becomes smaller towards the first of them.
        7 => wrong,
        1 => any::<u8>().prop_map(Shape::Right),
        1 => ("[a-z0-9]{0,8}", "[!-~]{0,24}").prop_map(|(scheme, rest)| Shape::Credentials { scheme,
            rest }),
        1 => any::<u16>().prop_map(Shape::Cut),
    ];
    let spelling = (any::<u8>(), any::<bool>(), 0..4u8, any::<bool>())
        .prop_map(|(turn, backwards, gap, escaped)| Spelling { turn, backwards, gap, escaped });
    Some(
        (0..forms, shape, spelling)
            .prop_map(|(form, shape, spelling)| Drawn { form, shape, spelling })
            .boxed(),
    )
}

/// JSON of any kind but text.
fn json() -> BoxedStrategy<Value> {
    let number = || {
        proptest::prop_oneof![
            any::<i32>().prop_map(Value::from),
            any::<i16>().prop_map(|number| Value::from(f64::from(number) + 0.5))
        ]
    };
    let leaf =
        proptest::prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number()];
    let inner = leaf.clone().prop_recursive(2, 8, 3, |inner| {
        let item = || proptest::prop_oneof![inner.clone(), "[a-z]{0,6}".prop_map(Value::from)];
        proptest::prop_oneof![
            vec(item(), 0..3).prop_map(Value::Array),
            vec(("[a-z]{1,6}", item()), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect()))
        ]
    });
    inner.boxed()
}
