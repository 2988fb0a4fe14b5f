using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using IotPlatform.E2e.Tests.Cluster.Load;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Durability.Life;

/// <summary>A device, and the whole history of its messages. They are sent one after the other, so that the order of their acceptance is that of their numbers.</summary>
internal sealed class TrackedDevice
{
    /// <summary>One in so many lives for a second or two only.</summary>
    private const int ShortLivedEvery = 10;

    /// <summary>One in so many has no id of its caller's.</summary>
    private const int NamelessEvery = 3;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, TrackedMessage> _messages = [];
    private readonly List<string> _faults = [];

    // In the order in which their first copies came.
    private readonly List<TrackedMessage> _arrived = [];

    public TrackedDevice(Device device, IReadOnlyList<GatewayProcess> gateways, int index)
    {
        Device = device;
        Client = new LoadDevice(
            device, gateways, index % gateways.Count, (index / 2) % 2 == 0 ? ProtocolVersion.Mqtt500 : ProtocolVersion.Mqtt311, isLasting: (index / 4) % 2 == 0, Arrived)
        {
            // So that something is always on its way when a process is killed.
            AcknowledgeMax = (index / 8) % 2 == 0 ? 0 : 300,
        };
    }

    public Device Device { get; }

    public LoadDevice Client { get; }

    public int AcceptedCount => Count(static message => message.IsAccepted);

    public int OwedCount => Count(static message => message.IsOwed);

    public int OpenCount => Count(static message => message.IsOpen);

    public int ArrivalCount => Sum(static message => message.Arrivals.Count);

    public int MessageCount => Count(static _ => true);

    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate)
            {
                return [.. _faults];
            }
        }
    }

    /// <summary>Sends until it is stopped; each message that has an id until it is accepted.</summary>
    /// <param name="trySendAsync">Sends a message, and says whether it was accepted.</param>
    /// <param name="stopping">No message begins after that.</param>
    /// <param name="givingUp">The end of all patience.</param>
    public async Task SendAsync(Func<TrackedMessage, Task<bool>> trySendAsync, CancellationToken stopping, CancellationToken givingUp)
    {
        while (!stopping.IsCancellationRequested)
        {
            var message = Next();
            var isAccepted = await trySendAsync(message);
            while (!isAccepted && message.HasOwnId && !givingUp.IsCancellationRequested)
            {
                await Task.Delay(RetryInterval, CancellationToken.None);
                isAccepted = await trySendAsync(message);
            }

            lock (_gate)
            {
                message.IsAccepted = isAccepted;
            }

            await Task.Delay(Random.Shared.Next(5, 30), CancellationToken.None);
        }
    }

    /// <summary>Takes note of what the platform says of all its messages.</summary>
    public async Task AskAsync(RestApi api)
    {
        var token = "";
        do
        {
            var askedAt = Stopwatch.GetTimestamp();
            var page = (await api.GetAsync($"{RestApi.PathOf(Device)}/messages?pageSize=1000&pageToken={Uri.EscapeDataString(token)}")).Expect(HttpStatusCode.OK);
            foreach (var message in page.Items("messages"))
            {
                Reported(message, askedAt);
            }

            token = page.Text("nextPageToken");
        }
        while (token.Length > 0);
    }

    /// <summary>Asks for one message, and has it cancelled or not.</summary>
    public async Task AskForOneAsync(RestApi api, bool cancels)
    {
        var message = Draw(cancels);
        if (message is null)
        {
            return;
        }

        var path = $"{RestApi.PathOf(Device)}/messages/{message.MessageId}";
        var askedAt = Stopwatch.GetTimestamp();
        var answer = cancels ? await api.PostAsync($"{path}:cancel") : await api.GetAsync(path);
        if (answer.Status == HttpStatusCode.OK)
        {
            Reported(answer.Body, askedAt);
        }
    }

    /// <summary>What is wrong when nothing is under way any more.</summary>
    public IEnumerable<string> Judge()
    {
        lock (_gate)
        {
            return [.. _faults, .. _messages.Values.Select(static message => message.Judge()).OfType<string>(), .. Overtaken()];
        }
    }

    // What nobody was told to be accepted may be there, and go out behind those that were sent after it.
    private IEnumerable<string> Overtaken()
    {
        var last = -1;
        foreach (var message in _arrived.Where(static message => message.IsAccepted))
        {
            if (message.Number < last)
            {
                yield return $"{message} comes behind m{last}.";
            }

            last = Math.Max(last, message.Number);
        }
    }

    // Of the last ones: what is cancelled is to be open as a rule.
    private TrackedMessage? Draw(bool cancels)
    {
        lock (_gate)
        {
            var accepted = _messages.Values.Where(static message => message.IsAccepted).TakeLast(cancels ? 3 : 50).ToList();
            var drawn = accepted.Count == 0 ? null : accepted[Random.Shared.Next(accepted.Count)];
            if (cancels && drawn is not null)
            {
                drawn.IsCancelAsked = true;
            }

            return drawn;
        }
    }

    private TrackedMessage Next()
    {
        lock (_gate)
        {
            var message = new TrackedMessage(_messages.Count, hasOwnId: Random.Shared.Next(NamelessEvery) > 0, Random.Shared.Next(ShortLivedEvery) == 0 ? Random.Shared.Next(1, 3) : null);
            _messages.Add(message.Content, message);
            return message;
        }
    }

    private void Reported(JsonElement message, long askedAt)
    {
        lock (_gate)
        {
            var content = Encoding.UTF8.GetString(Convert.FromBase64String(Answer.TextOf(message, "payload")));
            Fault(_messages.TryGetValue(content, out var known) ? known.Reported(message, askedAt, Stopwatch.GetTimestamp()) : $"Nobody has sent {message}.");
        }
    }

    private void Arrived(LoadDevice client, Arrival arrival, ReceivedPublish copy)
    {
        lock (_gate)
        {
            var message = _messages[Encoding.UTF8.GetString(copy.Payload)];
            if (message.Arrivals.Count == 0)
            {
                _arrived.Add(message);
            }

            Fault(message.Arrived(arrival));
        }
    }

    private void Fault(string? fault)
    {
        if (fault is not null)
        {
            _faults.Add($"{Device.Name}: {fault}");
        }
    }

    private int Count(Func<TrackedMessage, bool> condition) => Sum(message => condition(message) ? 1 : 0);

    private int Sum(Func<TrackedMessage, int> selector)
    {
        lock (_gate)
        {
            return _messages.Values.Sum(selector);
        }
    }
}
