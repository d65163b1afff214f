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
        ('delivery', '0001_first_tables'),
        ('network', '0001_first_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(editable=False, max_length=20, unique=True)),
                ('title', models.CharField(max_length=120, validators=[django.core.validators.RegexValidator('^[^\\x00-\\x1f\\x7f\\u2028\\u2029]*$', 'Use one line with no control characters.')])),
                ('text', models.TextField(max_length=4000, verbose_name='what is known')),
                ('instruction', models.TextField(max_length=2000, verbose_name='what to do')),
                ('urgency', models.CharField(choices=[('Immediate', 'Act now'), ('Expected', 'Act soon, within hours'), ('Future', 'Act later, within days or weeks'), ('Past', 'It is over: for information'), ('Unknown', 'We do not know')], max_length=10, verbose_name='how soon?')),
                ('severity', models.CharField(choices=[('Extreme', 'Extreme: lives are in danger'), ('Severe', 'Severe: people may be seriously harmed'), ('Moderate', 'Moderate: people may be harmed'), ('Minor', 'Minor: little or no danger'), ('Unknown', 'We do not know')], max_length=10, verbose_name='how serious?')),
                ('certainty', models.CharField(choices=[('Observed', 'It has happened or is happening'), ('Likely', 'Likely: more than even chances'), ('Possible', 'Possible, but less than likely'), ('Unlikely', 'Not expected to happen'), ('Unknown', 'We do not know')], max_length=10, verbose_name='how sure?')),
                ('classification', models.CharField(choices=[('OFFICIAL', 'OFFICIAL'), ('OFFICIAL-SENSITIVE', 'OFFICIAL-SENSITIVE')], max_length=20)),
                ('tlp', models.CharField(choices=[('CLEAR', 'TLP:CLEAR'), ('GREEN', 'TLP:GREEN'), ('AMBER', 'TLP:AMBER'), ('AMBER+STRICT', 'TLP:AMBER+STRICT'), ('RED', 'TLP:RED')], max_length=12, verbose_name='sharing label')),
                ('handling', models.CharField(blank=True, max_length=120, validators=[django.core.validators.RegexValidator('^[^\\x00-\\x1f\\x7f\\u2028\\u2029]*$', 'Use one line with no control characters.')], verbose_name='handling instruction')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='ends')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('returned_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('return_reason', models.CharField(blank=True, max_length=400)),
                ('released_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdraw_reason', models.CharField(blank=True, max_length=400)),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='network.agency')),
                ('audience', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.audience')),
                ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mailing', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alert', to='delivery.mailing')),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='network.network')),
                ('released_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('returned_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['network', '-id'], name='alert_by_network'), models.Index(fields=['created_by', '-id'], name='alert_by_author')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('submitted_at', None), ('submitted_by', None)), models.Q(('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='alert_submitted_by_someone_at_a_moment'), models.CheckConstraint(condition=models.Q(models.Q(('returned_at', None), ('returned_by', None)), models.Q(('returned_at__isnull', False), ('returned_by__isnull', False), models.Q(('return_reason', ''), _negated=True)), _connector='OR'), name='alert_returned_by_someone_at_a_moment'), models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', None)), models.Q(('released_at__isnull', False), ('released_by__isnull', False), ('mailing__isnull', False), ('audience__isnull', False)), _connector='OR'), name='alert_released_by_someone_at_a_moment'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdraw_reason', ''), _negated=True), ('released_at__isnull', False)), _connector='OR'), name='alert_withdrawn_by_someone_at_a_moment'), models.CheckConstraint(condition=models.Q(('submitted_at', None), ('returned_at', None), _connector='OR'), name='alert_is_submitted_or_returned_not_both'), models.CheckConstraint(condition=models.Q(('mailing', None), ('released_at__isnull', False), _connector='OR'), name='alert_is_mailed_only_by_release')],
            },
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='network.network')),
            ],
            options={
                'verbose_name_plural': 'series',
                'constraints': [models.UniqueConstraint(fields=('network', 'year'), name='one_series_a_network_and_year')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('deed', models.CharField(choices=[('drafted', 'Drafted'), ('edited', 'Edited'), ('addressed', 'Chose who it is for'), ('submitted', 'Submitted')], max_length=10)),
                ('digest', models.CharField(max_length=64)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='alerts.alert')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
    ]
