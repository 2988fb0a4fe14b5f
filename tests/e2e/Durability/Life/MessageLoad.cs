using System.Collections.Concurrent;
using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.E2e.Tests.Messages;
using IotPlatform.Protos.V1;
using IotPlatform.Testkit;
using Xunit.Abstractions;
using Code = IotPlatform.Protos.V1.SendError.Types.Code;
using Device = IotPlatform.E2e.Tests.Gateways.Device;

namespace IotPlatform.E2e.Tests.Durability.Life;

/// <summary>
/// Services that send messages to devices, over REST and over streams, ask for them and cancel some, and the devices, some of which come and go. It goes in rounds:
/// each is judged at its end, together with all before it, when every message must have ended.
/// </summary>
internal sealed class MessageLoad : IAsyncDisposable
{
    private const int DeviceCount = 24;

    private static readonly TimeSpan AcceptPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ArrivalPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(30);

    /// <summary>One question in so many asks for an end.</summary>
    private const int CancelEvery = 6;

    private readonly CancellationTokenSource _ending = new();
    private readonly RestApi[] _apis;
    private readonly StreamCaller[] _streams;
    private readonly TrackedDevice[] _devices;
    private readonly Task[] _clients;
    private readonly ConcurrentQueue<string> _faults = new();
    private int _unanswered;

    private MessageLoad(IReadOnlyList<GatewayProcess> gateways, Device[] devices)
    {
        _apis = [.. gateways.Select(static gateway => new RestApi(gateway.HttpAddress, GatewayProcess.AdminKey))];
        foreach (var api in _apis)
        {
            api.Http.Timeout = CallPatience;
        }

        _streams = [.. gateways.Select(static gateway => new StreamCaller(gateway))];
        _devices = [.. devices.Select((device, i) => new TrackedDevice(device, gateways, i))];
        _clients = [.. _devices.Select(device => device.Client.RunAsync(_ending.Token))];
    }

    /// <summary>Makes devices, and connects them.</summary>
    public static async Task<MessageLoad> CreateAsync(IReadOnlyList<GatewayProcess> gateways) => new(gateways, await gateways[0].Api.CreateDevicesAsync(DeviceCount));

    /// <summary>One round.</summary>
    /// <param name="badMoment">What happens while messages are sent.</param>
    /// <param name="output">What came of it.</param>
    /// <param name="name">What the round is called.</param>
    public async Task RunRoundAsync(Func<Task> badMoment, ITestOutputHelper output, string name)
    {
        using var stopping = new CancellationTokenSource();
        using var givingUp = new CancellationTokenSource();
        for (var i = 0; i < _devices.Length; i++)
        {
            _devices[i].Client.ComesAndGoes = i % 4 == 3;
        }

        var asking = AskAsync(stopping.Token);
        var sending = Task.WhenAll(_devices.Select((device, i) => device.SendAsync(message => TrySendAsync(device, i, message), stopping.Token, givingUp.Token)));
        try
        {
            await badMoment();
        }
        finally
        {
            await stopping.CancelAsync();
            givingUp.CancelAfter(AcceptPatience);
            await Task.WhenAll(sending, asking);
        }

        await JudgeAsync();
        output.WriteLine(
            $"{name}: {_devices.Sum(static d => d.AcceptedCount)} messages accepted so far, {_unanswered} calls without an answer, "
            + $"{_devices.Sum(static d => d.ArrivalCount)} arrivals, {_devices.Sum(static d => d.Client.Connections)} connections");
    }

    /// <summary>Waits until so many more messages are accepted.</summary>
    public async Task UntilAcceptedAsync(int more, string when)
    {
        var wanted = _devices.Sum(static device => device.AcceptedCount) + more;
        await Deadline.UntilAsync(
            () => Task.FromResult(_devices.Sum(static device => device.AcceptedCount)), accepted => accepted >= wanted, $"{more} more messages are accepted {when}", AcceptPatience);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_clients);
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        foreach (var api in _apis)
        {
            api.Dispose();
        }

        _ending.Dispose();
    }

    private async Task JudgeAsync()
    {
        foreach (var device in _devices)
        {
            device.Client.ComesAndGoes = false;
        }

        try
        {
            await Deadline.UntilAsync(
                () => Task.FromResult(_devices.Sum(static device => device.OwedCount)), static owed => owed == 0, "all that is owed has arrived", ArrivalPatience);
            await Deadline.UntilAsync(OpenCountAsync, static open => open == 0, "every message has ended", ArrivalPatience);
        }
        catch (TimeoutException exception)
        {
            _faults.Enqueue(exception.Message);
        }

        // All that has ended, in this round or before, is asked for once more.
        foreach (var device in _devices)
        {
            await device.AskAsync(_apis[0]);
        }

        var faults = _faults.Concat(_devices.SelectMany(static device => device.Judge())).ToList();
        Assert.True(faults.Count == 0, $"{faults.Count} faults, such as:\n{string.Join('\n', faults.Take(20))}");
    }

    private async Task<int> OpenCountAsync()
    {
        foreach (var device in _devices.Where(static device => device.OpenCount > 0))
        {
            await device.AskAsync(_apis[0]);
        }

        return _devices.Sum(static device => device.OpenCount);
    }

    // What is answered while things go wrong counts as well.
    private async Task AskAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var device = _devices[Random.Shared.Next(_devices.Length)];
            try
            {
                await device.AskForOneAsync(_apis[Random.Shared.Next(_apis.Length)], cancels: Random.Shared.Next(CancelEvery) == 0);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                // The gateway is gone, or does not answer in time.
            }

            await Task.Delay(AskInterval, CancellationToken.None);
        }
    }

    private async Task<bool> TrySendAsync(TrackedDevice device, int index, TrackedMessage message)
    {
        // The next attempt goes to another gateway, where there is one.
        var at = (index + Random.Shared.Next(_apis.Length)) % _apis.Length;
        var isAccepted = index % 2 == 0 ? await TryCallAsync(_apis[at], device.Device, message) : await TryStreamAsync(_streams[at], device.Device, message);
        if (!isAccepted)
        {
            Interlocked.Increment(ref _unanswered);
        }

        return isAccepted;
    }

    private async Task<bool> TryCallAsync(RestApi api, Device device, TrackedMessage message)
    {
        try
        {
            var answer = await api.TrySendMessageAsync(device, message.Content, messageId: message.HasOwnId ? message.Content : "", ttl: message.TimeToLive);
            if (answer.Status is not (HttpStatusCode.Created or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
            {
                _faults.Enqueue($"{message}: {answer}");
            }

            message.MessageId ??= answer.Status == HttpStatusCode.Created ? answer.MessageId : null;
            return answer.Status == HttpStatusCode.Created;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> TryStreamAsync(StreamCaller caller, Device device, TrackedMessage message)
    {
        var request = MessageStream.To(device, message.Content, message.HasOwnId ? message.Content : "");
        request.Qos = 1;
        if (message.TimeToLive is { } timeToLive)
        {
            request.Ttl = timeToLive;
        }

        var answer = await caller.SendAsync(request);
        if (answer is { OutcomeCase: SendDeviceMessagesResponse.OutcomeOneofCase.Error, Error.Code: not (Code.Unavailable or Code.ResourceExhausted) })
        {
            _faults.Enqueue($"{message}: {answer}");
        }

        message.MessageId ??= answer?.Message?.MessageId;
        return answer is { OutcomeCase: SendDeviceMessagesResponse.OutcomeOneofCase.Message };
    }
}
