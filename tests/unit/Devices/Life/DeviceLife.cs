using System.Diagnostics;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Products;
using IotPlatform.Storage;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Storage;

namespace IotPlatform.Unit.Tests.Devices.Life;

/// <summary>
/// The life of one device under random events: callers, connections, processes that are killed, clocks that jump. Its grain is the real one, on the real engine and
/// the real SQLite store; its gateway and its clock are played. What the events are is up to the seed; what of it comes first, where things run at once, is not.
/// </summary>
internal sealed class DeviceLife : IAsyncDisposable
{
    private const int StoredMax = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ClockStep = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ClockRest = TimeSpan.FromMilliseconds(1);

    /// <summary>Within a settling, for what waits for the clock: longer than a change is held back, and than a failed write waits before it is tried again.</summary>
    private static readonly TimeSpan ClockMax = TimeSpan.FromSeconds(1.5);

    private readonly Random _random;
    private readonly Random _gatewaysRandom;
    private readonly SqliteHost _disk;
    private readonly DeviceId _device;
    private readonly LifeModel _model;
    private readonly Action<DeviceMessageOptions> _configure;
    private readonly List<string> _history = [];
    private LifeProcess _process;
    private volatile LifeConnection? _connection;
    private bool _isGatewayGood;
    private bool _hasFailed;
    private long _gatewayEpoch = 1;
    private long _lastConnection;
    private int _lastNumber;

    public DeviceLife(int seed, SqliteHost disk)
    {
        _random = new Random(seed);
        _gatewaysRandom = new Random(seed);
        _disk = disk;
        _device = new DeviceId("p", $"d{seed}");
        var openMax = _random.Next(2, 12);
        var (isDropping, holds, inFlightMax, rounds, resends) = (_random.Next(2) == 0, _random.Next(2) == 0, _random.Next(1, 6), _random.Next(4), _random.Next(4));
        _configure = options =>
        {
            options.OpenPerDeviceMax = openMax;
            options.WhenFull = isDropping ? MailboxFullAction.DropOldest : MailboxFullAction.Refuse;
            options.HoldProgressFor = holds ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero;
            (options.InFlightMax, options.RoundsMax, options.ResendsPerSeries) = (inFlightMax, rounds, resends);
        };
        _history.Add($"{openMax} may be open, drops the oldest {isDropping}, holds {holds}, {inFlightMax} in flight, {rounds} rounds of {resends}");
        _model = new LifeModel(openMax, isDropping);
        _process = Begin(before: null);
        _process.Host.Registry.Add(new DeviceRegistration(_device, DeviceScenario.Secret, IsEnabled: true, Now));
    }

    /// <summary>What has been done.</summary>
    public IEnumerable<string> History => _history;

    private DateTimeOffset Now => _process.Host.Time.GetUtcNow();

    public async Task RunAsync(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            await StepAsync();
            _model.ThrowIfFaulty();
        }

        await EndAsync();
        _model.ThrowIfFaulty();
    }

    public ValueTask DisposeAsync()
    {
        _process.IsLost = true;
        return _process.Host.DisposeAsync();
    }

    private LifeProcess Begin(GrainHost? before)
    {
        var store = new HeldStore(_disk.Messages);
        var host = new GrainHost(before, store);
        _configure(host.MessageOptions);
        var process = new LifeProcess(host, store, host.Engine.GetGrain<IDeviceGrain>(_device.GrainKey), _model);
        host.Gateway.OnDeliver = request => DeliverAsync(process, request);
        return process;
    }

    private async Task StepAsync()
    {
        switch (_random.Next(26))
        {
            case < 7:
                Send(NewMessage());
                break;
            case 7:
                SendAgain();
                break;
            case 8 or 9 or 10:
                await _process.Store.CommitAsync(_random.Next(1, 6));
                break;
            case 11 when _random.Next(5) == 0:
                await FailAsync();
                break;
            case 12 or 13:
                ConnectOrLeave();
                break;
            case 14:
                Subscribe();
                break;
            case 15 or 16 or 17:
                Acknowledge();
                break;
            case 18:
                EndOnWish();
                break;
            case 19:
                Ask();
                break;
            case 20 when _connection is { } connection:
                Reattach(connection);
                break;
            case 21 or 22:
                await WaitAsync();
                break;
            case 23:
                await SweepAsync();
                break;
            case 24 when _random.Next(4) == 0:
                await KillAsync(isGatewayKilled: _random.Next(2) == 0);
                break;
            default:
                await SettleAsync();
                break;
        }
    }

    private SendDeviceMessage NewMessage()
    {
        var number = ++_lastNumber;
        var content = LifeModel.ContentOf(number, _random.Next(12) == 0 ? LifeConnection.TooLarge : (byte)1);
        var timeToLive = _random.Next(6) switch { 0 => TimeSpan.Zero, 1 or 2 => TimeSpan.FromMilliseconds(_random.Next(1, 20_000)), _ => LifeMessage.LongLife };
        return new SendDeviceMessage(
            _random.Next(3) == 0 ? null : $"m{number}", $"name {number}", content, _random.Next(5) == 0 ? $"/p/{_device.DeviceName}/own" : null, _random.Next(4) == 0 ? 0 : 1, timeToLive);
    }

    private void Send(SendDeviceMessage message)
    {
        var known = _model.Sending(message);
        Did($"{known} is sent");
        var process = _process;
        process.Call(
            async (grain, askedAt) =>
            {
                var reply = await grain.SendAsync(message);
                if (reply.Refusal is { } refusal)
                {
                    Refused(process, refusal);
                    return;
                }

                _model.Reported(reply.Value!, askedAt, process.IsDelivering, isAccepted: true);
            },
            failed: () => known.IsUncertain = true);
    }

    private void Refused(LifeProcess process, Refusal refusal) => _model.Check(() =>
    {
        Assert.True(refusal.Code == RefusalCode.ResourceExhausted || process.IsLost, $"Refused: {refusal}");
        Assert.True(_model.Messages.Count >= _model.OpenMax || process.IsLost, $"Refused as too many, of which there never were as many: {refusal}");
    });

    // The same once more; or another one under its id, where that is known to be taken.
    private void SendAgain()
    {
        var messages = _model.Messages.Where(static message => message.Sent.MessageId is not null).ToList();
        if (messages.Count == 0)
        {
            return;
        }

        var message = messages[_random.Next(messages.Count)];
        if (!message.IsAccepted || _random.Next(3) > 0)
        {
            Send(message.Sent);
            return;
        }

        Did($"{message} is sent with other content");
        var process = _process;
        process.Call(async (grain, _) =>
        {
            var reply = await grain.SendAsync(message.Sent with { Name = "other" });
            _model.Check(() => Assert.True(reply.Refusal?.Code == RefusalCode.AlreadyExists || process.IsLost, $"{message} with other content: {reply}"));
        });
    }

    private Task FailAsync()
    {
        var (count, isWritten) = (_random.Next(1, 4), _random.Next(2) == 0);
        Did($"{count} writes fail, written {isWritten}");
        _hasFailed = true;
        _model.Failing();
        return _process.Store.FailAsync(count, isWritten);
    }

    private void ConnectOrLeave()
    {
        if (_connection is { } connection && _random.Next(3) > 0)
        {
            Did($"{connection.Attachment.ConnectionId} leaves");
            _connection = null;
            _process.Call((grain, _) => grain.DetachAsync(connection.Attachment));
        }
        else
        {
            Connect(_random.Next(2) == 0 ? DeviceProtocol.Mqtt311 : DeviceProtocol.Mqtt500, _random.Next(1, 8), isSubscribed: false);
        }
    }

    private void Connect(DeviceProtocol protocol, int receiveMaximum, bool isSubscribed)
    {
        var connection = new LifeConnection(DeviceScenario.Connection(++_lastConnection, epoch: _gatewayEpoch), protocol, receiveMaximum, _model) { IsSubscribed = isSubscribed };
        Did($"connection {_lastConnection} ({protocol}, takes {receiveMaximum})");
        _connection = connection;
        var credential = new DeviceCredential(CredentialKind.Secret, DeviceScenario.Secret);
        _process.Call((grain, _) => AttachAsync(_process, grain, connection, credential));
    }

    // As a gateway does with a connection that its grain may have forgotten. What the device has acknowledged, and is not known to be stored, is said again.
    private void Reattach(LifeConnection connection)
    {
        if (connection.Order == 0)
        {
            return;
        }

        Did($"connection {connection.Attachment.ConnectionId} is attached again");
        var process = _process;
        process.Call((grain, _) => AttachAsync(process, grain, connection, new DeviceCredential(CredentialKind.Proven, "")));
        foreach (var messageId in connection.Unconfirmed)
        {
            Acknowledge(connection, messageId);
        }
    }

    private async Task AttachAsync(LifeProcess process, IDeviceGrain grain, LifeConnection connection, DeviceCredential credential)
    {
        var request = new AttachRequest(
            connection.Attachment, process.Host.Observer, credential, connection.Protocol, "10.0.0.1:1000", connection.ReceiveMaximum, connection.Order, connection.Generation,
            Will: null, Session: null);
        var reply = await grain.AttachAsync(request, CancellationToken.None);
        if (process.IsLost)
        {
            return;
        }

        if (reply.Outcome != AttachOutcome.Attached)
        {
            Close(connection);
        }
        else if (connection.Attached(reply))
        {
            await grain.OpenAsync(connection.Attachment);
        }
    }

    private void Close(LifeConnection connection) => Interlocked.CompareExchange(ref _connection, null, connection);

    private void Subscribe()
    {
        if (_connection is { Order: > 0 } connection)
        {
            Did($"connection {connection.Attachment.ConnectionId} subscribes");
            connection.IsSubscribed = true;
            _process.Call((grain, _) => grain.SubscribedAsync(connection.Attachment));
        }
    }

    // What it was sent, or sent long ago, or nobody sent.
    private void Acknowledge()
    {
        if (_connection is not { Order: > 0 } connection)
        {
            return;
        }

        var inFlight = connection.InFlight;
        var received = _model.Messages.Where(static message => message is { Copies.Count: > 0, Sent.QoS: > 0, MessageId: not null }).Select(static message => message.MessageId!).ToArray();
        switch (_random.Next(8))
        {
            case 0:
                Acknowledge(connection, "unknown");
                break;
            case 1 when received.Length > 0:
                Acknowledge(connection, received[_random.Next(received.Length)]);
                break;
            default:
                foreach (var messageId in inFlight.Take(_random.Next(1, 4)))
                {
                    Acknowledge(connection, messageId);
                }

                break;
        }
    }

    private void Acknowledge(LifeConnection connection, string messageId)
    {
        var message = _model.Messages.FirstOrDefault(message => message.MessageId == messageId);
        Did($"{message?.Name ?? messageId} is acknowledged on {connection.Attachment.ConnectionId}");
        _model.Check(() => message?.IsAcknowledged = true);
        connection.Acknowledged(messageId);
        var process = _process;
        process.Call(async (grain, askedAt) =>
        {
            var standing = await grain.AcknowledgeAsync(new AcknowledgeRequest(connection.Attachment, [messageId]));
            if (process.IsLost)
            {
                return;
            }

            connection.Confirmed(messageId);
            if (message is not null)
            {
                _model.Confirmed(message, askedAt, process.IsDelivering);
            }

            if (standing == AttachmentStanding.Superseded)
            {
                Close(connection);
            }
        });
    }

    private void EndOnWish()
    {
        var process = _process;
        var messages = _model.Messages.Where(static message => message.MessageId is not null).ToList();
        if (_random.Next(5) == 0)
        {
            Did("all are purged");
            _model.Purging();
            process.Call(async (grain, _) =>
            {
                Assert.NotNull((await grain.PurgeMessagesAsync()).Value);
                _model.Purged();
            });
        }
        else if (messages.Count > 0)
        {
            var message = messages[_random.Next(messages.Count)];
            Did($"{message} is cancelled");
            _model.Check(() => message.IsCancelled = true);
            process.Call(async (grain, askedAt) =>
            {
                if ((await grain.CancelMessageAsync(message.MessageId!)).Value is { } cancelled)
                {
                    _model.Reported(cancelled, askedAt, process.IsDelivering);
                    _model.Check(() => Assert.True(process.IsLost || cancelled.Progress.IsFinal, $"{message} is cancelled, and goes on."));
                }
            });
        }
    }

    private void Ask()
    {
        var process = _process;
        var messages = _model.Messages.Where(static message => message is { MessageId: not null, IsAccepted: true }).ToList();
        if (messages.Count > 0 && _random.Next(2) == 0)
        {
            var message = messages[_random.Next(messages.Count)];
            process.Call(async (grain, askedAt) =>
            {
                var found = await grain.GetMessageAsync(message.MessageId!);
                _model.Check(() => Assert.True(found.Value is not null || process.IsLost, $"{message} was accepted, and is not found."));
                _model.Reported(found.Value!, askedAt, process.IsDelivering);
            });
            return;
        }

        process.Call(async (grain, askedAt) =>
        {
            var page = (await grain.ListMessagesAsync(new ListDeviceMessages(null, 100, null))).Value!;
            foreach (var listed in page.Messages.Where(static message => message.Progress.IsFinal))
            {
                _model.Reported(listed, askedAt, process.IsDelivering);
            }
        });
    }

    // Those whose time is up, as StoreSweeper does.
    private async Task SweepAsync()
    {
        if ((await _disk.Messages.FindExpiredAsync(Now, 100)).Contains(_device))
        {
            Did("what has expired is swept");
            _process.Call(static (grain, _) => grain.ExpireMessagesAsync());
        }
    }

    private async Task WaitAsync()
    {
        var (kind, part) = (_random.Next(12), _random.NextDouble());
        switch (kind)
        {
            case < 4:
                Did($"{TimeSpan.FromMilliseconds(50) * part} pass");
                Advance(TimeSpan.FromMilliseconds(50) * part);
                break;
            case < 9:
                await AdvanceAsync(TimeSpan.FromSeconds(3) * part, TimeSpan.FromMilliseconds(500));
                break;
            case 9:
                await AdvanceAsync(TimeSpan.FromMinutes(1) * part, TimeSpan.FromSeconds(5));
                break;
            case 10:
                // Grains that nobody calls go meanwhile. What they have to store must be stored by then.
                await AdvanceAsync(TimeSpan.FromHours(1) * part, TimeSpan.FromMinutes(5));
                break;
            default:
                Did($"the clock is set back by {TimeSpan.FromHours(1) * part}");
                _model.Check(() => _model.IsClockSteady = false);
                _process.Host.Time.SetUtcNow(Now - (TimeSpan.FromHours(1) * part));
                break;
        }
    }

    // Nothing that takes longer than a moment is under way meanwhile: its time must not run out while it waits for a processor.
    private async Task AdvanceAsync(TimeSpan time, TimeSpan step)
    {
        Did($"{time} pass");
        for (var left = time; left > TimeSpan.Zero; left -= step)
        {
            await SettleAsync();
            Advance(left < step ? left : step);
        }
    }

    private void Advance(TimeSpan time)
    {
        _process.Host.Time.Advance(time);
    }

    /// <summary>Lets everything come to its end that is under way.</summary>
    private async Task SettleAsync()
    {
        var (clock, rest, passed) = (Stopwatch.StartNew(), Stopwatch.StartNew(), TimeSpan.Zero);
        while (true)
        {
            await _process.Store.CommitAsync();

            // Nobody may wait for a write that has failed, and is tried again.
            if (_process.IsIdle && (!_hasFailed || passed >= ClockMax))
            {
                break;
            }

            Assert.True(clock.Elapsed < Patience, $"Waited {Patience} until nothing is under way.");
            if (rest.Elapsed > ClockRest && passed < ClockMax)
            {
                // A change may be held back, or be about to be tried again.
                _process.Host.Time.Advance(ClockStep);
                passed += ClockStep;
                rest.Restart();
            }

            await Task.Yield();
        }

        _hasFailed = false;
        _model.Settled(await DiskAsync());
    }

    private async Task KillAsync(bool isGatewayKilled)
    {
        var process = _process;
        var written = _random.Next(process.Store.WaitingCount + 1);
        Did($"a process is killed, with{(isGatewayKilled ? "" : "out")} the gateway; {written} of {process.Store.WaitingCount} writes are on the disk");
        _model.ProcessLost();
        process.IsLost = true;
        _hasFailed = false;
        if (isGatewayKilled || _connection is { Order: 0 })
        {
            _connection = null;
            _gatewayEpoch++;
        }

        await process.Store.LoseAsync(written);
        await process.Host.DisposeAsync();
        await _disk.ReopenAsync();
        _model.ProcessBegins(await DiskAsync());
        _process = Begin(process.Host);
    }

    // The device comes back, and acknowledges all that it gets. What is left then is what nobody knows of, until its time is up.
    private async Task EndAsync()
    {
        Did("the end");
        _isGatewayGood = true;
        await SettleAsync();
        Connect(DeviceProtocol.Mqtt311, receiveMaximum: 100, isSubscribed: true);
        await SettleAsync();
        for (var i = 0; i < 25 && (await DiskAsync()).Any(static message => !message.Progress.IsFinal); i++)
        {
            foreach (var messageId in _connection!.InFlight)
            {
                Acknowledge(_connection, messageId);
            }

            await SettleAsync();
            Advance(TimeSpan.FromSeconds(1));
        }

        // Timers, of which the engine has one a second, need not go off for that.
        _connection = null;
        _process.Host.Time.SetUtcNow(Now + TimeSpan.FromDays(2));
        await SweepAsync();
        await SettleAsync();
        _model.Ended(await DiskAsync());
    }

    private async Task<IReadOnlyCollection<DeviceMessage>> DiskAsync() => await _disk.Messages.ListAsync(_device, new ListDeviceMessages(null, StoredMax, null));

    private Task<DeliverReply> DeliverAsync(LifeProcess process, DeliverRequest request)
    {
        if (process.IsLost || _connection is not { } connection || connection.Attachment.ConnectionId != request.ConnectionId)
        {
            return Task.FromResult(new DeliverReply([DeliveryOutcome.NotConnected]));
        }

        var mood = Draw();
        var reply = connection.Deliver(request, isFull: mood == 0);

        // The grain does not learn what became of it.
        return mood == 1 ? throw new TimeoutException() : Task.FromResult(reply);
    }

    private int Draw()
    {
        lock (_gatewaysRandom)
        {
            return _isGatewayGood ? int.MaxValue : _gatewaysRandom.Next(25);
        }
    }

    private void Did(string what) => _history.Add(what);
}
