"""`ClusteringModel`: the one object behind the notebook, the app and the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import param

from mall_app.algorithms import build_algorithm
from mall_app.data import load_customers
from mall_app.data.opening import TableSource, as_table
from mall_app.data.table import Table
from mall_app.edits.form import check_edits
from mall_app.errors import SettingsError, WorkbenchError, did_you_mean
from mall_app.fit import fit, fit_resolved, resolve
from mall_app.identity.changes import Migration
from mall_app.identity.lineage import Lineage, Revision, follow, plan_revision
from mall_app.model.analyses import ModelAnalyses
from mall_app.model.edits import SegmentEdits
from mall_app.model.keeping import KeptModel
from mall_app.model.settings import PLACES, SETTING_NAMES, values_of
from mall_app.outcome import revise
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.sharing.intake import settings_for

Runner = Callable[["ClusteringModel"], None]


class ClusteringModel(SegmentEdits, KeptModel, ModelAnalyses):
    """A table of customers, the choices about it, and the segments they give.

    The result is there as soon as the model is made, and follows every change of a parameter:
    one change (or one `update` of several) is one fit, however many views read it. A change that
    cannot be fitted raises, and leaves parameters and result as they were.

    Parameters
    ----------
    data : pandas.DataFrame, path, Table or Lineage, optional
        One row a customer; the Mall customers by default. A path is opened by
        `mall_app.data.opening.open_table`. A lineage, as `load` has it, is taken as it is and not
        fitted.
    params : mapping, optional
        The algorithm's own parameters, such as ``{"eps": 0.3}``.
    runner : callable, optional
        Takes over running: it is called with the model when a fit is due, and hands back to
        `accept` or `refuse`, now or later. By default the fit runs at once, here.
    **settings
        Of `mall_app.settings.Settings`: `algorithm`, `n_clusters`, `features`, `scaling`,
        `missing`, `random_state`, `distance`, `weights`, `numbering`, `edits`, `engine`,
        `strategy`.

    Raises
    ------
    SettingsError
        A setting breaks a rule or does not fit the table.
    DataError
        The table cannot be clustered.

    Examples
    --------
    >>> model = ClusteringModel(
    ...     features=["Annual Income (k$)", "Spending Score (1-100)"], scaling="none"
    ... )
    >>> model.result.n_clusters, round(model.result.silhouette_score, 6)
    (5, 0.553932)
    >>> model.n_clusters = 4
    >>> round(model.result.silhouette_score, 6)
    0.493196
    """

    table: param.ClassSelector[Table] = param.ClassSelector(  # type: ignore[assignment]
        class_=Table, constant=True, doc="The customers."
    )
    result: param.ClassSelector[ClusteringResult] = param.ClassSelector(  # type: ignore[assignment]
        class_=ClusteringResult, constant=True, doc="The last clustering that succeeded."
    )
    migration = param.ClassSelector(
        class_=Migration, constant=True, doc="What became of the segments of the fit before."
    )
    error = param.ClassSelector(
        class_=Exception, constant=True, doc="Why the last change could not be fitted, or None."
    )

    def __init__(
        self,
        data: TableSource | Lineage | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        runner: Runner | None = None,
        **settings: Any,
    ) -> None:
        if isinstance(data, Lineage):
            lineage, asked = data, settings
        else:
            lineage, asked = _first_fit(data, settings, params)
        used = lineage.result.settings
        super().__init__(  # type: ignore[no-untyped-call]
            **values_of(used) | asked,
            method=build_algorithm(used.algorithm, used.params),
            table=lineage.table,
            result=lineage.result,
        )
        self.runner = runner
        self._lineage = lineage
        self._kept = self.param.values()
        self._method_watcher: param.parameterized.Watcher | None = None
        self._watch_method()
        self.param.watch(self._on_change, [*SETTING_NAMES, "method"])

    def update(self, *, params: Mapping[str, Any] | None = None, **settings: Any) -> None:
        """Change several settings in one fit.

        Parameters
        ----------
        params : mapping, optional
            Own parameters of the algorithm; those not named take their default.
        **settings
            As in the constructor.

        Raises
        ------
        SettingsError
            A setting breaks a rule; nothing has changed then.
        """
        asked = self._asked(settings, params)
        wanted = resolve(self.table, asked)
        values = values_of(wanted) | {name: getattr(asked, name) for name in PLACES}
        changes = {name: value for name, value in values.items() if name in settings}
        if wanted.n_clusters is None:
            changes.pop("n_clusters", None)
        if wanted.params != self.method.params() or wanted.algorithm != self.algorithm:
            changes["method"] = build_algorithm(wanted.algorithm, wanted.params)
        self.param.update(**changes)

    def use(
        self,
        data: TableSource,
        *,
        params: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        """Cluster another table, by the same features if it has them all.

        Otherwise by its numeric columns, unless `features` names others. Segments found in both
        keep their numbers; edits that fit come along, and `result.warnings` says which do not.

        Raises
        ------
        DataError, SettingsError
            The new table cannot be used; the model keeps the one it has.
        """
        table = as_table(data, settings.get("engine", self.engine))
        kept = settings_for(table, self.settings).to_dict()
        asked = self._asked({**kept, **settings}, params)
        places = {name: getattr(asked, name) for name in PLACES}
        self.take(table, fit(table, asked.unedited()), **places)

    def take(self, table: Table, base: ClusteringResult, **places: str) -> None:
        """Take another table and the clustering of it, and perhaps where it is worked on."""
        revision = plan_revision(self._lineage, table, base, check_edits(self.edits))
        used = base.settings
        changes = values_of(used) | {"n_clusters": used.n_clusters or self.n_clusters}
        changes["method"] = build_algorithm(used.algorithm, used.params)
        self.accept_foreseen(self.foreseen(revision), table=table, **changes, **places)

    @property
    def receipt(self) -> dict[str, Any]:
        """What is needed to get the same labels again."""
        return self.result.receipt

    def revision(self, base: ClusteringResult) -> Revision:
        """Find the numbers and edits that a new clustering of the table is to get."""
        insisted = None if self.numbering == self._kept["numbering"] else self.settings.numbering
        return plan_revision(self._lineage, self.table, base, check_edits(self.edits), insisted)

    def foreseen(self, revision: Revision) -> Lineage:
        """Give what accepting a revision as it is would lead to; nothing is taken."""
        return follow(self._lineage, revision, revision.result())

    def accept(self, base: ClusteringResult) -> None:
        """Take a finished clustering as the current one, with its numbers and edits.

        Raises
        ------
        SettingsError
            An edit names a segment that is no longer there.
        """
        self.accept_foreseen(self.foreseen(self.revision(base)))

    def accept_revised(self, revision: Revision, result: ClusteringResult) -> None:
        """Take a clustering that was numbered and edited elsewhere; see `revision`."""
        self.accept_foreseen(follow(self._lineage, revision, result))

    def accept_foreseen(self, lineage: Lineage, **changes: Any) -> None:
        """Take what was foreseen of the model as it is, and other parameters with it."""
        used = values_of(lineage.result.settings)
        self._become(lineage, changes | {name: used[name] for name in ("numbering", "edits")})

    def _become(self, lineage: Lineage, changes: Mapping[str, Any]) -> None:
        self._lineage, migration = lineage, lineage.migration
        with self._not_running(), param.edit_constant(self):
            self.param.update(**changes, result=lineage.result, migration=migration, error=None)
        self._kept = self.param.values()

    def refuse(self, error: Exception) -> None:
        """Say why the current settings have no result; the last result stays."""
        with param.edit_constant(self):
            self.error = error

    def _on_change(self, *events: param.parameterized.Event) -> None:
        changed = {event.name for event in events}
        if "algorithm" in changed and "method" not in changed:
            with param.discard_events(self):
                self.method = build_algorithm(self.algorithm, {})
            self.param.trigger("method")
            return
        if "method" in changed:
            self._watch_method()
        self.refit()

    def refit(self) -> None:
        """Fit the settings as they stand; parameters go back to the last good ones on failure."""
        if self.runner is not None:
            self.runner(self)
            return
        try:
            self.accept(self._fitted())
        except BaseException as error:  # an interrupt too leaves the model as it was
            self._go_back()
            if isinstance(error, WorkbenchError):
                self.refuse(error)  # who set a widget sees it; who wrote code gets it raised
            raise

    def _fitted(self) -> ClusteringResult:
        """Fit, unless it is only numbers and edits that changed."""
        wanted, base = resolve(self.table, self.settings.unedited()), self._lineage.base
        return base if base.settings == wanted else fit_resolved(self.table, wanted)

    def _go_back(self) -> None:
        kept = {name: self._kept[name] for name in SETTING_NAMES}
        used = self.result.settings
        kept["method"] = build_algorithm(used.algorithm, used.params)
        with self._not_running():
            self.param.update(**kept)

    @contextmanager
    def _not_running(self) -> Iterator[None]:
        """Let parameters change without a fit: the result for them is there already."""
        runner, self.runner = self.runner, _stay
        try:
            yield
        finally:
            self.runner = runner

    def _watch_method(self) -> None:
        """Follow the parameters of the algorithm in use, and of no other."""
        if self._method_watcher is not None:
            self._method_watcher.inst.param.unwatch(self._method_watcher)
        own = list(self.method.own_parameters())
        self._method_watcher = self.method.param.watch(lambda *_: self.refit(), own)

    def __repr__(self) -> str:
        """Give the size of the table, and what became of it."""
        features = ", ".join(map(repr, self.settings.features or ()))
        return f"<ClusteringModel of {len(self.table):,} customers by {features}: {self.result!r}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """Show live widgets and plots in a notebook; Panel is imported only then."""
        return import_module("mall_app.views").show(self, include, exclude)


def _first_fit(
    data: TableSource | None,
    settings: Mapping[str, Any],
    params: Mapping[str, Any] | None,
) -> tuple[Lineage, dict[str, Any]]:
    """Give the first fit of a table, and the settings asked for that it may not have used."""
    table = as_table(load_customers() if data is None else data, settings.get("engine", "auto"))
    for name in settings:
        if name not in SETTING_NAMES:
            raise SettingsError(
                f"{name!r} is not a setting: {did_you_mean(name, [*SETTING_NAMES, 'params'])}",
                (name,),
            )
    wanted = Settings.from_mapping({**settings, "params": params or {}})
    base = fit(table, wanted.unedited())
    result = revise(table, base, wanted.numbering, wanted.edits)
    n_clusters = wanted.n_clusters or ClusteringModel.n_clusters
    asked = {name: getattr(wanted, name) for name in ("scaling", *PLACES)}
    return Lineage(table, base, result), {"n_clusters": n_clusters, **asked}


def _stay(model: ClusteringModel) -> None:
    """Run nothing."""
