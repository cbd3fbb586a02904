"""The served page: ``panel serve mall_app/app.py --plugins api``."""

from mall_app.memory import lasting_imports

with lasting_imports():
    from mall_app.engine import shared_engine

    shared_engine().ready()  # its workers start beside what is imported for the page

    from pathlib import Path

    import panel as pn
    import panel_material_ui as pmui
    from panel.io.resources import LOCAL_DIST
    from panel.util import edit_readonly

    from mall_app.model.model import ClusteringModel
    from mall_app.views import style
    from mall_app.views.header import Header
    from mall_app.views.link import open_link
    from mall_app.views.page_loop import reach_the_browser
    from mall_app.views.viewport import ClosedOnPhone
    from mall_app.views.workbench import Workbench

# What pn.state.served is; to ask for that reads the files of every module in the call, for 0.2 s.
served = __name__.startswith("bokeh_app_")

pn.extension("tabulator")

workbench = Workbench(
    model=ClusteringModel(features=["Annual Income (k$)", "Spending Score (1-100)"]),
    engine=shared_engine(),
)
page = pmui.Page(
    title="Customer segments",
    header=[Header(workbench.state)],
    sidebar=[workbench.sidebar()],
    main=[ClosedOnPhone(width=0, height=0, margin=0), workbench.next_steps, workbench.main()],
    sidebar_width=320,
    sidebar_resizable=False,
    busy_indicator=None,
    theme_config=style.theme_config(),
    template=Path(style.__file__).with_name("first_look.html"),
)
page.link(workbench.state, dark_theme="dark")
with edit_readonly(page):  # Panel would send its busy flag twice a change, to no indicator
    page.busy = False
if served:
    # What is drawn later takes its style sheets from here too; without it Panel names its own host.
    pn.state.curdoc.template_variables["dist_url"] = LOCAL_DIST
    looks = {"light": style.first_look(False), "dark": style.first_look(True)}
    pn.state.curdoc.template_variables["first_look"] = looks
    # The page's own scripts heed this part of the address; what is drawn here has to as well.
    workbench.state.dark = pn.state.session_args.get("theme") == [b"dark"]
    open_link(workbench.state, pn.state.session_args)
    page.servable()
    reach_the_browser(pn.state.curdoc)
    # By then the names of this file are gone, so it gets what it needs now.
    pn.state.on_session_destroyed(lambda _, state=workbench.state: state.cancel())
