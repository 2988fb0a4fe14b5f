using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Products;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Plays a device grain with random events, and checks after each of them.</summary>
internal sealed class MailboxModel
{
    private readonly Random _random;
    private readonly DeviceMessageOptions _options;
    private readonly Mailbox _mailbox;
    private readonly List<Life> _lives = [];
    private readonly Queue<Life> _storing = new();
    private readonly List<OpenMessage> _due = [];
    private DateTimeOffset _now = MailboxScenario.Start;
    private long _sequence;
    private long _lastConnection;
    private long _connection;
    private bool _isMqtt500;
    private int _window;

    public MailboxModel(int seed)
    {
        _random = new Random(seed);
        _options = new DeviceMessageOptions
        {
            InFlightMax = _random.Next(1, 6),
            RoundsMax = _random.Next(0, 4),
            ResendsPerSeries = _random.Next(0, 4),
            OpenPerDeviceMax = _random.Next(1, 15),
            WhenFull = _random.Next(2) == 0 ? MailboxFullAction.Refuse : MailboxFullAction.DropOldest,
        };
        _mailbox = new Mailbox(MessageRules.Of(_options));
    }

    private bool IsOnline => _connection != 0;

    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            Step();
            Check();
        }
    }

    private void Step()
    {
        switch (_random.Next(13))
        {
            case 0 or 1:
                Accept();
                break;
            case 2 or 3:
                EndStoring();
                break;
            case 4 when _random.Next(3) == 0:
                Connect();
                break;
            case 5 when _random.Next(4) == 0:
                (_connection, _) = (0, 0);
                _mailbox.Disconnected();
                break;
            case 6:
                Acknowledge();
                break;
            case 7:
                _mailbox.Subscribed();
                _lives.ForEach(static life => life.AwaitsSubscription = false);
                break;
            case 8:
                _now += TimeSpan.FromMilliseconds(_random.Next(4) == 0 ? _random.Next(60_000) : _random.Next(2_500));
                break;
            case 9:
                _mailbox.Expire(_now);
                break;
            case 10:
                WaitForDue();
                break;
            case 11 when _random.Next(3) == 0:
                End();
                break;
            default:
                Deliver();
                break;
        }
    }

    private void Accept()
    {
        var timeToLive = _random.Next(6) switch { 0 => TimeSpan.Zero, 1 => TimeSpan.FromSeconds(_random.Next(1, 20)), _ => TimeSpan.FromDays(1) };
        var message = MailboxScenario.NewMessage($"m{++_sequence}", _sequence, _random.Next(5) == 0 ? 0 : 1, timeToLive, _now);
        var unsent = _lives.Count(static life => life.Open is { IsStored: true, Progress: { Attempts: 0, IsFinal: false } });
        var droppable = _options.WhenFull == MailboxFullAction.DropOldest ? unsent : 0;
        Assert.Equal(_mailbox.Count - droppable < _options.OpenPerDeviceMax, _mailbox.HasRoomFor(message));
        if (!_mailbox.HasRoomFor(message))
        {
            return;
        }

        var life = new Life(_mailbox.Accept(message));
        _lives.Add(life);
        _storing.Enqueue(life);
    }

    private void EndStoring()
    {
        if (!_storing.TryDequeue(out var life))
        {
            return;
        }

        if (_random.Next(10) == 0)
        {
            _mailbox.Discard(life.Open);
            _lives.Remove(life);
            return;
        }

        _mailbox.Stored(life.Open);
        var before = _mailbox.Count;
        _mailbox.MakeRoom(_now);
        Assert.True(before == _mailbox.Count || (_options.WhenFull == MailboxFullAction.DropOldest && before > _options.OpenPerDeviceMax), "Only what is too many is dropped.");
        Assert.True(_mailbox.Count <= _options.OpenPerDeviceMax || _options.WhenFull == MailboxFullAction.DropOldest, "What is refused is not kept.");
        if (!IsOnline)
        {
            _mailbox.FailUncached(life.Open, "The device is offline.", _now);
        }
    }

    private void Connect()
    {
        _connection = ++_lastConnection;
        _isMqtt500 = _random.Next(2) == 0;
        var receiveMaximum = _random.Next(1, 8);
        _window = Math.Min(receiveMaximum, _options.InFlightMax);
        _lives.ForEach(static life => life.AwaitsSubscription = false);
        _mailbox.Connected(_connection, _isMqtt500 ? DeviceProtocol.Mqtt500 : DeviceProtocol.Mqtt311, receiveMaximum, isReattached: _random.Next(3) == 0);
    }

    // Somebody wishes that messages end.
    private void End()
    {
        var stored = _lives.FindAll(static life => life.Open is { IsStored: true, Progress.IsFinal: false });
        if (stored.Count == 0)
        {
            return;
        }

        if (_random.Next(4) == 0)
        {
            Assert.Equal(stored.Count, _mailbox.Purge(_now));
            Assert.All(stored, static life => Assert.Equal(MessageStatus.Failed, life.Open.Progress.Status));
            return;
        }

        var cancelled = stored[_random.Next(stored.Count)];
        _mailbox.Cancel(cancelled.Open, _now);
        Assert.Equal(MessageStatus.Failed, cancelled.Open.Progress.Status);
    }

    // A device may acknowledge what was never written to it, or long ago.
    private void Acknowledge()
    {
        if (_lives.Count > 0)
        {
            var life = _lives[_random.Next(_random.Next(2) == 0 ? 0 : Math.Max(0, _lives.Count - 8), _lives.Count)];
            if (life.Open.IsStored)
            {
                _mailbox.Acknowledged(life.Open.Message.MessageId, _now);
            }
        }
    }

    // The grain's timer: whatever it wakes up for, it must not be woken for it again without time passing.
    private void WaitForDue()
    {
        if (_mailbox.NextDueAt(_now) is not { } dueAt)
        {
            return;
        }

        _now = dueAt > _now ? dueAt : _now;
        for (var i = 0; _mailbox.NextDueAt(_now) <= _now; i++)
        {
            Assert.True(i < 3 * (_lives.Count + 1), "The mailbox asks for a time that has passed, and nothing is to be done.");
            Deliver(alwaysWritten: true);
        }
    }

    private void Deliver(bool alwaysWritten = false)
    {
        _mailbox.TakeDue(_now, _due);
        Assert.True(IsOnline || _due.Count == 0, "Without a connection nothing is due.");
        foreach (var open in _due)
        {
            CheckDue(LifeOf(open));
        }

        foreach (var open in _due)
        {
            if (_random.Next(10) == 0)
            {
                _mailbox.Acknowledged(open.Message.MessageId, _now);
            }

            if (!Report(LifeOf(open), alwaysWritten ? DeliveryOutcome.Written : Draw()))
            {
                break;
            }
        }
    }

    private DeliveryOutcome Draw() => _random.Next(12) switch
    {
        0 => DeliveryOutcome.Full,
        1 => DeliveryOutcome.NotSubscribed,
        2 => DeliveryOutcome.TooLarge,
        3 => DeliveryOutcome.NotOpen,
        _ => DeliveryOutcome.Written,
    };

    private bool Report(Life life, DeliveryOutcome outcome)
    {
        if (outcome == DeliveryOutcome.Written)
        {
            life.Wrote(_connection);
        }

        life.AwaitsSubscription |= outcome == DeliveryOutcome.NotSubscribed;
        return _mailbox.Wrote(life.Open, outcome, _now);
    }

    private void CheckDue(Life life)
    {
        Assert.True(life.Open.IsStored, "Only what is durable goes out.");
        Assert.False(life.Open.Progress.IsFinal, "A final message is never written again.");
        Assert.False(_isMqtt500 && life.LastWrittenOn == _connection, "A 5.0 client never gets a second copy on one connection.");
        Assert.False(life.AwaitsSubscription, "What awaits a subscription is not tried before.");
        if (life.LastWrittenOn == 0)
        {
            Assert.All(_lives.TakeWhile(other => other != life), other => Assert.True(
                other.Open.Progress.IsFinal || other.LastWrittenOn != 0 || other.AwaitsSubscription || _due.Contains(other.Open),
                $"{life.Open.Message.MessageId} overtakes {other.Open.Message.MessageId}."));
        }
    }

    private void Check()
    {
        _mailbox.TakeChanges();
        var inFlight = 0;
        foreach (var life in _lives)
        {
            life.Check();
            Assert.Equal(!life.Open.Progress.IsFinal, _mailbox.Find(life.Open.Message.MessageId) == life.Open);
            inFlight += IsOnline && life.Open.IsInFlightOn(_connection) ? 1 : 0;
        }

        Assert.Equal(_lives.Count(static life => !life.Open.Progress.IsFinal), _mailbox.Count);
        Assert.True(!IsOnline || inFlight <= _window, $"{inFlight} in flight, the window is {_window}.");
        Assert.True(IsOnline || _mailbox.NextDueAt(_now) is null, "Without a connection nothing is due by time.");
    }

    private Life LifeOf(OpenMessage open) => _lives.Find(life => life.Open == open)!;

    /// <summary>One message as an onlooker sees it.</summary>
    private sealed class Life(OpenMessage open)
    {
        private MessageProgress _seen = MessageProgress.Accepted;

        public OpenMessage Open => open;

        public bool AwaitsSubscription { get; set; }

        public long LastWrittenOn { get; private set; }

        public void Wrote(long connection)
        {
            if (!open.Progress.IsFinal)
            {
                LastWrittenOn = connection;
            }
        }

        public void Check()
        {
            var now = open.Progress;
            if (_seen.IsFinal)
            {
                Assert.Equal(_seen, now);
                return;
            }

            Assert.True(now.Attempts >= _seen.Attempts && now.Rounds >= _seen.Rounds, "Attempts and rounds only grow.");
            Assert.False(_seen.Status == MessageStatus.Sent && now.Status == MessageStatus.Pending, "A message that was sent is never pending again.");
            Assert.Equal(now.IsFinal, now.FinishedAt is not null);
            Assert.Equal(now.Status is MessageStatus.TimedOut or MessageStatus.Failed, now.Reason is not null);
            Assert.Equal(now.Attempts > 0, now.SentAt is not null);
            Assert.Equal(Math.Max(0, now.Attempts - 1), now.ResentAt.IsDefault ? 0 : now.ResentAt.Length);
            Assert.True(_seen.SentAt is null || _seen.SentAt == now.SentAt, "The time of the first write stays.");
            Assert.True(now.Status != MessageStatus.Sent || open.Message.QoS > 0, "QoS 0 is delivered once it is written.");
            _seen = now;
        }
    }
}
