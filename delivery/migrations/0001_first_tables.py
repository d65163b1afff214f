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
            name='Audience',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('everyone', models.BooleanField(default=False, verbose_name='all agencies in the network')),
                ('roles', models.JSONField(default=list)),
                ('kinds', models.JSONField(blank=True, default=list)),
                ('agencies', models.ManyToManyField(blank=True, related_name='+', to='network.agency')),
                ('areas', models.ManyToManyField(blank=True, related_name='+', to='network.area')),
                ('excluded', models.ManyToManyField(blank=True, related_name='+', to='network.agency')),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='network.network')),
            ],
        ),
        migrations.CreateModel(
            name='Breaker',
            fields=[
                ('server', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('open_until', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('failing_since', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('url', models.URLField(max_length=300)),
                ('secret', models.CharField(editable=False, max_length=300, verbose_name='secret, sealed')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='endpoints', to='network.agency')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='endpoints', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('owner', 'agency'), name='one_endpoint_an_owner_and_agency', violation_error_message='You have a webhook for this agency already. End it first.')],
            },
        ),
        migrations.CreateModel(
            name='Gate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('database', models.CharField(blank=True, max_length=120)),
                ('held_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sent_up_to', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('alert', 'Alert'), ('training', 'Training notice'), ('digest', 'Daily summary'), ('notice', 'Notice')], max_length=10)),
                ('reference', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('^[^\\x00-\\x1f\\x7f\\u2028\\u2029]*$', 'Use one line with no control characters.')])),
                ('marking', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('^[^\\x00-\\x1f\\x7f\\u2028\\u2029]*$', 'Use one line with no control characters.')])),
                ('subject', models.CharField(max_length=150, validators=[django.core.validators.RegexValidator('^[^\\x00-\\x1f\\x7f\\u2028\\u2029]*$', 'Use one line with no control characters.')])),
                ('text', models.TextField()),
                ('withheld', models.BooleanField(default=False)),
                ('path', models.CharField(max_length=200, validators=[django.core.validators.RegexValidator('^[^\\x00-\\x1f\\x7f\\u2028\\u2029]*$', 'Use one line with no control characters.')])),
                ('urgency', models.CharField(choices=[('immediate', 'Immediate'), ('priority', 'Priority'), ('routine', 'Routine')], max_length=10)),
                ('released_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('deadline_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='network.network')),
            ],
            options={
                'ordering': ['-released_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('withheld', True), models.Q(('marking__contains', 'SENSITIVE'), ('marking__contains', 'SECRET'), ('marking__contains', 'TLP:AMBER'), ('marking__contains', 'TLP:RED'), _connector='OR', _negated=True), _connector='OR'), name='strict_markings_are_withheld', violation_error_message='Text with this marking may be read only in the platform.'), models.UniqueConstraint(condition=models.Q(('kind', 'digest')), fields=('network', 'reference'), name='one_summary_a_network_and_day')],
            },
        ),
        migrations.CreateModel(
            name='Number',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=16, validators=[django.core.validators.RegexValidator('^\\+[1-9][0-9]{7,14}$', 'Write the number with its country code.')])),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='text_number', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('alert', 'Alert'), ('training', 'Training notice'), ('digest', 'Daily summary'), ('notice', 'Notice')], max_length=10)),
                ('channel', models.CharField(choices=[('email', 'Email'), ('text', 'Text message'), ('webhook', 'Webhook')], max_length=10)),
                ('choice', models.CharField(choices=[('at_once', 'At once'), ('digest', 'In one summary a day'), ('off', 'Not at all')], max_length=10)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='preferences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'kind', 'channel'), name='one_choice_a_kind_and_channel'), models.CheckConstraint(condition=models.Q(('channel', 'email'), models.Q(('choice', 'digest'), _negated=True), _connector='OR'), name='summaries_come_by_email')],
            },
        ),
        migrations.CreateModel(
            name='Quiet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begins', models.TimeField()),
                ('ends', models.TimeField()),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='quiet_hours', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'quiet hours',
                'constraints': [models.CheckConstraint(condition=models.Q(('begins', models.F('ends')), _negated=True), name='quiet_hours_end', violation_error_message='Quiet hours must end at another time than they begin.')],
            },
        ),
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'Email'), ('text', 'Text message'), ('webhook', 'Webhook')], max_length=10)),
                ('address', models.CharField(max_length=254)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('flagged_only', models.BooleanField(default=False, verbose_name='still sent to, but looked after')),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='set_aside', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'addresses set aside',
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_at', None)), fields=('person', 'channel'), name='one_address_set_aside')],
            },
        ),
        migrations.CreateModel(
            name='Recipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('member', 'Member'), ('lead', 'Lead'), ('deputy', 'Deputy lead'), ('charter', 'Charter officer'), ('coordinator', 'Coordinator'), ('approver', 'Approver'), ('reports', 'Report reader'), ('auditor', 'Auditor'), ('national', 'National coordinator'), ('operator', 'Operator')], max_length=12)),
                ('reason', models.CharField(max_length=400)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='network.agency')),
                ('mailing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recipients', to='delivery.mailing')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-id'], name='inbox')],
                'constraints': [models.UniqueConstraint(fields=('mailing', 'person'), name='one_recipient_a_person_and_mailing')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'Email'), ('text', 'Text message'), ('webhook', 'Webhook')], max_length=10)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('unsure', 'Unsure'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('bounced', 'Came back'), ('suppressed', 'Not sent on purpose'), ('expired', 'Not sent: expired'), ('withdrawn', 'Not sent: withdrawn')], default='queued', max_length=10)),
                ('urgency', models.CharField(choices=[('immediate', 'Immediate'), ('priority', 'Priority'), ('routine', 'Routine')], max_length=10)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lease_until', models.DateTimeField(null=True)),
                ('fence', models.UUIDField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('possible_repeat', models.BooleanField(default=False)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('finished_at', models.DateTimeField(null=True)),
                ('mailing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='delivery.mailing')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='delivery.recipient')),
                ('receipt', models.CharField(blank=True, db_default='', max_length=80, verbose_name="the other side's own name for it")),
                ('sent_at', models.DateTimeField(null=True, verbose_name='taken by the next server')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(fields=['mailing', 'state'], name='delivery_by_mailing'), models.Index(condition=models.Q(('fence__isnull', False)), fields=['fence'], name='delivery_by_fence'), models.Index(condition=models.Q(('state__in', ['queued', 'sending', 'unsure'])), fields=['channel', 'urgency', 'id'], name='owed'), models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['-sent_at'], name='delivery_by_sending'), models.Index(condition=models.Q(('state__in', ['failed', 'bounced'])), fields=['-finished_at'], name='delivery_by_failing')],
                'constraints': [models.UniqueConstraint(fields=('recipient', 'channel'), name='one_delivery_a_recipient_and_channel')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('delivered', 'Delivered'), ('soft', 'Refused for now'), ('hard', 'Refused for good')], max_length=10)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('key', models.CharField(max_length=64, verbose_name="the report's own name")),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='delivery.delivery')),
            ],
            options={
                'indexes': [models.Index(fields=['-at'], name='report_by_time')],
                'constraints': [models.UniqueConstraint(fields=('delivery', 'key'), name='one_report_once')],
            },
        ),
    ]
