import accounts.ids
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('nation', 'Nation'), ('region', 'Region'), ('police', 'Police force area'), ('county', 'County'), ('council', 'Council area')], max_length=10)),
                ('name', models.CharField(max_length=120)),
                ('gss', models.CharField(blank=True, max_length=9, verbose_name='GSS code')),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('source', models.CharField(max_length=200)),
                ('source_on', models.DateField()),
                ('within', models.ManyToManyField(blank=True, related_name='contains', to='network.area')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'name'), name='one_area_a_kind_and_name'), models.UniqueConstraint(condition=models.Q(('gss', ''), _negated=True), fields=('kind', 'gss'), name='one_area_a_kind_and_code')],
            },
        ),
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=160)),
                ('former_names', models.CharField(blank=True, help_text='Other names people look for', max_length=1000)),
                ('kind', models.CharField(choices=[('police', 'Police'), ('council', 'Council'), ('health', 'Health'), ('charity', 'Charity or voluntary group'), ('fire', 'Fire and rescue'), ('probation', 'Probation'), ('housing', 'Housing'), ('education', 'Education'), ('faith', 'Faith group'), ('central', 'Central government body'), ('business', 'Business or union'), ('commissioner', 'Police and crime commissioner or funder')], max_length=14)),
                ('description', models.TextField(blank=True)),
                ('website', models.URLField(blank=True)),
                ('email_domains', models.CharField(blank=True, help_text='Separated by spaces. They suggest the agency for an address, no more.', max_length=400)),
                ('public_phone', models.CharField(blank=True, max_length=40)),
                ('team_email', models.EmailField(blank=True, max_length=254, verbose_name='team mailbox')),
                ('office_phone', models.CharField(blank=True, max_length=40)),
                ('first_responder_from', models.DateField(blank=True, null=True, verbose_name='designated first responder from')),
                ('first_responder_until', models.DateField(blank=True, null=True, verbose_name='designated first responder until')),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('assured_on', models.DateField(blank=True, null=True, verbose_name='details last confirmed right on')),
                ('successors', models.ManyToManyField(blank=True, related_name='predecessors', to='network.agency')),
                ('areas', models.ManyToManyField(blank=True, related_name='agencies', to='network.area')),
            ],
            options={
                'verbose_name_plural': 'agencies',
                'ordering': ['name'],
                'indexes': [models.Index(django.db.models.functions.text.Lower('name'), name='agency_by_name')],
            },
        ),
        migrations.CreateModel(
            name='Network',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('prefix', models.CharField(max_length=4, unique=True, verbose_name='prefix of references')),
                ('solo_release_limit', models.PositiveIntegerField(default=200, verbose_name='most people one coordinator may alert alone')),
                ('starts_on', models.DateField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('areas', models.ManyToManyField(blank=True, related_name='networks', to='network.area')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('solo_release_limit__lte', 200)), name='solo_release_is_never_looser_than_200')],
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=160)),
                ('text', models.TextField()),
                ('from_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='network.network')),
            ],
            options={
                'ordering': ['network', '-version'],
                'constraints': [models.UniqueConstraint(fields=('network', 'version'), name='one_agreement_a_network_and_version'), models.CheckConstraint(condition=models.Q(('until_at', None), ('until_at__gte', models.F('from_at')), _connector='OR'), name='agreement_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('scopes', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('allowed_from', models.JSONField(blank=True, default=list, verbose_name='networks it may be used from')),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='network.agency')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'API key',
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('member', 'Member'), ('lead', 'Lead'), ('deputy', 'Deputy lead'), ('charter', 'Charter officer'), ('coordinator', 'Coordinator'), ('approver', 'Approver'), ('reports', 'Report reader'), ('auditor', 'Auditor'), ('national', 'National coordinator'), ('operator', 'Operator')], max_length=12)),
                ('from_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='network.agency')),
                ('appointed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('covers', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to=settings.AUTH_USER_MODEL)),
                ('network', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='network.network')),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'role'], name='appointment_by_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', False), ('network', None), ('role__in', ['member', 'lead', 'deputy', 'charter'])), models.Q(('agency', None), ('network__isnull', False), ('role__in', ['coordinator', 'approver', 'reports', 'auditor'])), models.Q(('agency', None), ('network', None), ('role__in', ['national', 'operator'])), _connector='OR'), name='appointment_role_fits_its_scope'), models.CheckConstraint(condition=models.Q(('until_at', None), ('until_at__gte', models.F('from_at')), _connector='OR'), name='appointment_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('covers', None), models.Q(('agency__isnull', False), ('until_at__isnull', False), models.Q(('covers', models.F('person')), _negated=True)), _connector='OR'), name='cover_is_by_another_and_has_an_end')],
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('roles', models.JSONField(blank=True, default=list)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='declined or taken back')),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='handovers', to='network.agency')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('leaver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers_from', to=settings.AUTH_USER_MODEL)),
                ('successor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers_to', to=settings.AUTH_USER_MODEL)),
                ('network', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='handovers', to='network.network')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', False), ('network', None)), models.Q(('agency', None), ('network__isnull', False)), _connector='OR'), name='handover_is_of_one_place'), models.CheckConstraint(condition=models.Q(('leaver', models.F('successor')), _negated=True), name='handover_is_to_somebody_else'), models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('ended_at', None)), fields=('leaver', 'agency'), name='one_open_handover_a_leaver_and_agency'), models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('ended_at', None)), fields=('leaver', 'network'), name='one_open_handover_a_leaver_and_network')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, verbose_name='work email address')),
                ('name', models.CharField(max_length=120, verbose_name='full name')),
                ('role', models.CharField(choices=[('member', 'Member'), ('lead', 'Lead'), ('deputy', 'Deputy lead'), ('charter', 'Charter officer'), ('coordinator', 'Coordinator'), ('approver', 'Approver'), ('reports', 'Report reader'), ('auditor', 'Auditor'), ('national', 'National coordinator'), ('operator', 'Operator')], max_length=12)),
                ('digest', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('invited_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelled')),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='network.agency')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('network', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='network.network')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', False), ('network', None)), models.Q(('agency', None), ('network__isnull', False)), _connector='OR'), name='invitation_is_to_one_place'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('invited_by')), _negated=True), _connector='OR'), name='invitation_second_yes_is_another')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True)),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('suspended_at', models.DateTimeField(blank=True, null=True)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='network.agency')),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='network.network')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_at', None)), fields=('network', 'agency'), name='one_open_membership_an_agency_and_network'), models.CheckConstraint(condition=models.Q(('until_at', None), ('until_at__gte', models.F('from_at')), _connector='OR'), name='membership_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('prepared_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('carried_out_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('carried_out_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='network.network')),
                ('prepared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-prepared_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('carried_out_at', None), ('dropped_at', None), _connector='OR'), name='succession_is_carried_out_or_dropped')],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('invitation', 'The invitation itself'), ('ask_yes', 'An invitation waits for your yes'), ('handover', 'A handover waits for your yes'), ('declined', 'A handover came back'), ('no_lead', 'An agency has lost its last lead')], max_length=10)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=120)),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='network.agency')),
                ('handover', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='network.handover')),
                ('invitation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='network.invitation')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='letter_owed')],
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('side', models.CharField(choices=[('ends', 'Ends'), ('follows', 'Takes over')], max_length=7)),
                ('name', models.CharField(blank=True, max_length=160)),
                ('moves', models.JSONField(blank=True, default=dict)),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='network.agency')),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('succession', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parties', to='network.succession')),
            ],
            options={
                'verbose_name_plural': 'parties',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('succession', 'agency'), name='one_party_a_succession_and_agency'), models.CheckConstraint(condition=models.Q(('agency__isnull', False), models.Q(('side', 'follows'), models.Q(('name', ''), _negated=True)), _connector='OR'), name='party_is_known_or_named')],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('signed_as', models.CharField(blank=True, max_length=120, verbose_name='name as signed')),
                ('position', models.CharField(blank=True, max_length=120)),
                ('signed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='network.agency')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='network.agreement')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('agreement', 'agency'), name='one_signature_an_agency_and_agreement')],
            },
        ),
        migrations.CreateModel(
            name='Suspension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('membership', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='suspension', to='network.membership')),
                ('suspended_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='Agency',
            name='networks',
            field=models.ManyToManyField(related_name='agencies', through='network.Membership', to='network.network'),
        ),
    ]
