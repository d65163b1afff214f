import accounts.ids
import datetime
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('network', '0001_first_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='FirstResponder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('kind', models.CharField(choices=[('statutory', 'Statutory'), ('home_office', 'Home Office'), ('non_statutory', 'Designated charity')], max_length=14)),
                ('basis', models.CharField(blank=True, max_length=120)),
                ('note', models.TextField(blank=True)),
                ('from_on', models.DateField(blank=True, null=True)),
                ('until_on', models.DateField(blank=True, null=True)),
                ('source', models.CharField(max_length=200)),
                ('source_on', models.CharField(max_length=10, verbose_name='day, month or year of the source')),
            ],
            options={
                'ordering': ['kind', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Helpline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('number', models.CharField(max_length=80)),
                ('hours', models.CharField(blank=True, max_length=160)),
                ('for_whom', models.CharField(blank=True, max_length=160)),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('show_everywhere', models.BooleanField(default=False, verbose_name='shown at the foot of every page')),
                ('source', models.CharField(max_length=200)),
                ('source_on', models.CharField(max_length=10, verbose_name='day, month or year of the source')),
            ],
            options={
                'ordering': ['order', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Term',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('help', 'Kind of help'), ('people', 'Who it is for')], max_length=6)),
                ('code', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('order', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['kind', 'order', 'name'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'code'), name='one_term_a_kind_and_code')],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=160)),
                ('summary', models.CharField(blank=True, max_length=200)),
                ('description', models.TextField(blank=True)),
                ('access', models.CharField(choices=[('public', 'Public'), ('network', 'Network members'), ('restricted', 'Own agency and those it is shared with'), ('concealed', 'Own agency only')], default='network', max_length=10)),
                ('referral', models.TextField(blank=True, verbose_name='how to refer')),
                ('languages', models.CharField(blank=True, max_length=200)),
                ('not_taking_until', models.DateField(blank=True, null=True, verbose_name='not taking referrals until')),
                ('assured_on', models.DateField(blank=True, null=True, verbose_name='last confirmed right on')),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='listings', to='network.agency')),
                ('areas', models.ManyToManyField(blank=True, related_name='listings', to='network.area')),
                ('assured_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('terms', models.ManyToManyField(blank=True, related_name='listings', to='directory.term')),
            ],
            options={
                'ordering': ['name', 'id'],
                'indexes': [models.Index(fields=['name', 'id'], name='listing_by_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('access__in', ['public', 'network', 'restricted', 'concealed'])), name='listing_access_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('assured_by', None), ('assured_on', None)), ('assured_on__isnull', False), _connector='OR'), name='listing_assured_by_someone_on_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('function', models.CharField(max_length=80)),
                ('officer', models.CharField(blank=True, max_length=120, verbose_name='named officer')),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('access', models.CharField(choices=[('public', 'Public'), ('network', 'Network members'), ('restricted', 'Own agency and those it is shared with'), ('concealed', 'Own agency only')], default='network', max_length=10)),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='directory.listing')),
            ],
            options={
                'ordering': ['order', 'function', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('access__in', ['public', 'network', 'restricted', 'concealed'])), name='contact_access_is_known'), models.CheckConstraint(condition=models.Q(('officer', ''), models.Q(('access', 'public'), _negated=True), _connector='OR'), name='named_officer_is_never_public')],
            },
        ),
        migrations.CreateModel(
            name='Cover',
            fields=[
                ('listing', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='cover', serialize=False, to='directory.listing')),
                ('reference', models.CharField(editable=False, max_length=12, unique=True)),
                ('name', models.CharField(max_length=60, verbose_name='cover name')),
            ],
            options={
                'ordering': ['reference'],
            },
        ),
        migrations.CreateModel(
            name='ListingGrant',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('until_at', models.DateTimeField()),
                ('given_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='directory.listing')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'until_at'], name='listing_grant_by_person')],
            },
        ),
        migrations.CreateModel(
            name='OpeningHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')])),
                ('opens', models.TimeField(default=datetime.time(0, 0))),
                ('closes', models.TimeField(blank=True, help_text='Empty: until midnight.', null=True)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='directory.listing')),
            ],
            options={
                'verbose_name_plural': 'opening hours',
                'ordering': ['weekday', 'opens'],
                'indexes': [models.Index(fields=['weekday', 'opens'], name='hours_by_weekday')],
                'constraints': [models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='weekday_is_one_of_seven'), models.CheckConstraint(condition=models.Q(('closes', None), ('closes__gt', models.F('opens')), _connector='OR'), name='closes_after_it_opens')],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('street', models.CharField(max_length=160, verbose_name='street address')),
                ('town', models.CharField(max_length=80)),
                ('postcode', models.CharField(blank=True, max_length=8)),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='how to get in')),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='directory.listing')),
            ],
            options={
                'ordering': ['town', 'street', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SafePlace',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('sealed', models.TextField(editable=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('listing', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='safe_place', to='directory.listing')),
            ],
        ),
        migrations.CreateModel(
            name='SafePlaceChange',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='declined or taken back')),
                ('sealed', models.TextField(blank=True, editable=False)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='safe_place_changes', to='directory.listing')),
            ],
            options={
                'ordering': ['-asked_at', '-id'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='safeplacechange_takes_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='safeplacechange_is_confirmed_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('given_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='shared_with_it', to='network.agency')),
                ('given_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='directory.listing')),
                ('network', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='shared_with_it', to='network.network')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', False), ('network', None)), models.Q(('agency', None), ('network__isnull', False)), _connector='OR'), name='share_is_with_an_agency_or_a_network')],
            },
        ),
        migrations.CreateModel(
            name='Loosening',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='declined or taken back')),
                ('before', models.CharField(choices=[('public', 'Public'), ('network', 'Network members'), ('restricted', 'Own agency and those it is shared with'), ('concealed', 'Own agency only')], max_length=10)),
                ('after', models.CharField(choices=[('public', 'Public'), ('network', 'Network members'), ('restricted', 'Own agency and those it is shared with'), ('concealed', 'Own agency only')], max_length=10)),
                ('state', models.CharField(max_length=64)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='loosenings', to='directory.contact')),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='loosenings', to='directory.listing')),
            ],
            options={
                'ordering': ['-asked_at', '-id'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('asked_by')), _negated=True), _connector='OR'), name='loosening_takes_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='loosening_is_confirmed_by_someone'), models.CheckConstraint(condition=models.Q(('after__in', ['public', 'network', 'restricted', 'concealed']), ('before__in', ['public', 'network', 'restricted', 'concealed'])), name='loosening_access_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Mobile',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20)),
                ('on_call', models.BooleanField(default=False, verbose_name='network members may ask for it')),
                ('contact', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='mobile', to='directory.contact')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mobiles', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SafePlaceGrant',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('until_at', models.DateTimeField()),
                ('given_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='directory.safeplace')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'until_at'], name='safe_place_grant_by_person')],
            },
        ),
    ]
