using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Watching;

/// <summary>A trace that was started, and is stopped at the end: there may be few at once.</summary>
internal sealed class RunningTrace(RestApi api, Answer started) : IAsyncDisposable
{
    public Answer Started => started;

    public string Id => started.Text("traceId");

    public Task<Answer> ReadAsync(string pageToken = "", int pageSize = 1_000) =>
        api.GetAsync($"/v1/traces/{Id}/events?pageSize={pageSize}&pageToken={Uri.EscapeDataString(pageToken)}");

    /// <summary>Reads from the beginning until an event is among those noted.</summary>
    public async Task<NotedEvent[]> UntilAsync(Predicate<NotedEvent> isAwaited, string awaited)
    {
        var answer = await Deadline.UntilAsync(
            () => ReadAsync(), answer => NotedEvent.AllOf(answer.Expect(HttpStatusCode.OK)).Any(noted => isAwaited(noted)), $"the trace shows {awaited}");
        return NotedEvent.AllOf(answer);
    }

    public Task<Answer> StopAsync() => api.DeleteAsync($"/v1/traces/{Id}");

    // It may be over already.
    public async ValueTask DisposeAsync() => await StopAsync();
}
