"""The pages of the rooms about visits, for whoever puts the site together."""

from visits import views
from visits.answers import views as answer_pages
from visits.arrivals import views as arrival_pages
from visits.busy import views as busy_pages
from visits.calendar import views as calendar_pages
from visits.calendar.days import views as day_pages
from visits.concerns import views as concern_pages
from visits.contracts import views as contract_pages
from visits.feeds import views as feed_pages
from visits.overview import views as overview_pages
from visits.records import views as record_pages
from visits.records.queue import views as queue_pages
from visits.series import views as series_pages
from visits.weather import views as weather_pages

BLUEPRINTS = (
    views.bp,
    calendar_pages.bp,
    day_pages.bp,
    feed_pages.bp,
    busy_pages.bp,
    record_pages.bp,
    concern_pages.bp,
    queue_pages.bp,
    answer_pages.bp,
    arrival_pages.bp,
    overview_pages.bp,
    series_pages.bp,
    contract_pages.bp,
    weather_pages.bp,
)
