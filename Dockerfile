# The workbench, app and API on one port. `docker compose up` builds and runs it.

FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY . .
# One folder that the final image takes as it is: no pip cache, no build tools, no second layer.
RUN python -m pip install --no-cache-dir --target /srv/workbench --constraint constraints.txt .
# Machine code comes with the image, for any processor with AVX2 where there is one, so that it
# serves on other machines too. A processor it does not fit compiles for itself when it starts.
WORKDIR /srv/workbench
RUN if grep -qsw avx2 /proc/cpuinfo; then export NUMBA_CPU_NAME=x86-64-v3 NUMBA_CPU_FEATURES=; fi \
    && NUMBA_CACHE_DIR=/srv/workbench/.compiled python -m mall_app.kernels

FROM python:3.11-slim-bookworm
COPY --from=build /srv/workbench /srv/workbench
# Models and tables are kept here; a volume mounted on them starts with this owner.
RUN mkdir /models /datasets && chown 10001:10001 /models /datasets
WORKDIR /srv/workbench
# The root file system may be read-only: what libraries cache goes to /tmp.
# BOKEH_ALLOW_WS_ORIGIN: the host:port pairs in the address bar of those who may open the app.
ENV PATH=/srv/workbench/bin:$PATH \
    PYTHONPATH=/srv/workbench \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    NUMBA_CACHE_DIR=/tmp/numba \
    MALL_MODELS_DIR=/models \
    MALL_DATA_DIR=/datasets \
    ADDRESS=0.0.0.0 \
    PORT=5006 \
    BOKEH_ALLOW_WS_ORIGIN=localhost:5006,127.0.0.1:5006
VOLUME /models /datasets
EXPOSE 5006
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health/ready\", timeout=4)"]
# numba keeps machine code only where it may write, so it gets a copy of what came with the image.
# exec: the server itself gets the signal to stop.
CMD ["sh", "-c", "if grep -qsw avx2 /proc/cpuinfo; then export NUMBA_CPU_NAME=x86-64-v3 NUMBA_CPU_FEATURES=; fi; mkdir -p \"$NUMBA_CACHE_DIR\" && cp -r .compiled/. \"$NUMBA_CACHE_DIR\"; exec panel serve mall_app/app.py --plugins api --warm --reuse-sessions --address \"$ADDRESS\" --port \"$PORT\""]
