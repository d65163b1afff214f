import accounts.ids
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('network', '0001_first_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Council',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=10, unique=True)),
                ('gss', models.CharField(blank=True, max_length=9, verbose_name='GSS code')),
                ('former_codes', models.CharField(blank=True, max_length=120, verbose_name='other GSS codes it has had')),
                ('name', models.CharField(max_length=120)),
                ('short_name', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('UA', 'Unitary authority'), ('NMD', 'Non-metropolitan district'), ('MD', 'Metropolitan district'), ('LBO', 'London borough'), ('CC', 'City corporation'), ('CTY', 'County council'), ('WPA', 'Welsh unitary authority'), ('SCO', 'Scottish unitary authority'), ('NID', 'Northern Ireland district')], max_length=4)),
                ('tier', models.CharField(choices=[('lower', 'Lower tier or unitary'), ('upper', 'Upper tier')], max_length=5)),
                ('nation', models.CharField(choices=[('England', 'England'), ('Scotland', 'Scotland'), ('Wales', 'Wales'), ('Northern Ireland', 'Northern Ireland')], max_length=20)),
                ('region', models.CharField(max_length=40)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('hex_q', models.SmallIntegerField(blank=True, null=True)),
                ('hex_r', models.SmallIntegerField(blank=True, null=True)),
                ('source', models.CharField(max_length=200)),
                ('source_on', models.DateField()),
                ('agency', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='council', to='network.agency')),
                ('police_area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='network.area')),
                ('successors', models.ManyToManyField(blank=True, related_name='predecessors', to='charter.council')),
            ],
            options={
                'ordering': ['short_name', 'code'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ends_on', None)), fields=('hex_q', 'hex_r'), name='one_council_a_cell_of_the_tile_map')],
            },
        ),
        migrations.CreateModel(
            name='Framework',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('version', models.CharField(max_length=20)),
                ('starts_on', models.DateField()),
                ('source', models.CharField(max_length=300)),
            ],
            options={
                'ordering': ['-starts_on'],
                'constraints': [models.UniqueConstraint(fields=('name', 'version'), name='one_framework_a_name_and_version')],
            },
        ),
        migrations.CreateModel(
            name='Adoption',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('this', 'Adopted this charter'), ('own', 'Adopted its own charter'), ('inspired', 'Passed a motion inspired by the charter'), ('referred', 'Referred for a further decision')], max_length=8)),
                ('decided_on', models.DateField()),
                ('meeting', models.CharField(blank=True, max_length=200)),
                ('minutes_url', models.URLField(blank=True, max_length=500, validators=[django.core.validators.URLValidator(message='Enter a web address that starts with https://', schemes=['https'])], verbose_name='minutes')),
                ('reservations', models.TextField(blank=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end', models.CharField(blank=True, choices=[('followed', 'Followed by a later decision'), ('corrected', 'Recorded by mistake')], max_length=9)),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('council', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adoptions', to='charter.council')),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adoptions', to='charter.framework')),
            ],
            options={
                'ordering': ['-decided_on', '-recorded_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('council', 'framework'), name='one_current_adoption_a_council'), models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at', None)), models.Q(('ended_at__isnull', False), models.Q(('end', ''), _negated=True)), _connector='OR'), name='adoption_says_how_it_ended')],
            },
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('summary', models.TextField()),
                ('evidence_hint', models.TextField(blank=True)),
                ('measure', models.CharField(blank=True, max_length=200)),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='charter.framework')),
            ],
            options={
                'ordering': ['framework', 'number'],
                'constraints': [models.UniqueConstraint(fields=('framework', 'number'), name='one_commitment_a_framework_and_number')],
            },
        ),
        migrations.CreateModel(
            name='Progress',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('stage', models.CharField(choices=[('not_started', 'Not started'), ('started', 'Started'), ('in_place', 'In place'), ('reviewed', 'In place and reviewed')], default='not_started', max_length=11)),
                ('reviewed_on', models.DateField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='charter.commitment')),
                ('council', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='charter.council')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'progress',
                'constraints': [models.UniqueConstraint(fields=('council', 'commitment'), name='one_progress_a_council_and_commitment')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=150)),
                ('url', models.URLField(max_length=500, validators=[django.core.validators.URLValidator(message='Enter a web address that starts with https://', schemes=['https'])], verbose_name='web address')),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('progress', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='charter.progress')),
            ],
            options={
                'verbose_name_plural': 'evidence',
                'ordering': ['added_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('progress', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='note', to='charter.progress')),
            ],
        ),
    ]
