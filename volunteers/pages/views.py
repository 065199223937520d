"""The pages of the rooms about volunteers, for whoever puts the site together."""

from volunteers import views
from volunteers.certificates import views as certificate_pages
from volunteers.orgs import views as org_pages
from volunteers.students import views as student_pages
from volunteers.students.desk import views as desk_pages
from volunteers.teams import views as team_pages

BLUEPRINTS = (
    views.bp,
    *team_pages.BLUEPRINTS,
    org_pages.bp,
    *certificate_pages.BLUEPRINTS,
    student_pages.bp,
    desk_pages.bp,
)
