using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Watching;

/// <summary>Calls of <c>Clients</c> and <c>Traces</c>.</summary>
internal static class WatchingApi
{
    public static Task<Answer> ClientAsync(this RestApi api, Device device) => api.GetAsync($"{RestApi.PathOf(device)}/client");

    public static Task<Answer> UntilClientAsync(this RestApi api, Device device, Predicate<Answer> isRight, string awaited) =>
        Deadline.UntilAsync(() => api.ClientAsync(device), isRight, $"{device.Name}: {awaited}");

    public static Task<Answer> KickAsync(this RestApi api, Device device) => api.PostAsync($"{RestApi.PathOf(device)}/client:kick");

    public static async Task<Answer> BanAsync(this RestApi api, Device device, string duration = "60s", string reason = "") =>
        (await api.PostAsync("/v1/bans", new { productKey = device.ProductKey, deviceName = device.Name, duration, reason })).Expect(HttpStatusCode.Created);

    public static async Task<Answer> BanAsync(this RestApi api, string address, string duration = "60s", string reason = "") =>
        (await api.PostAsync("/v1/bans", new { address, duration, reason })).Expect(HttpStatusCode.Created);

    public static async Task LiftAsync(this RestApi api, Answer ban) => (await api.DeleteAsync($"/v1/bans/{ban.Text("banId")}")).Expect(HttpStatusCode.NoContent);

    /// <summary>Starts a trace, which is stopped when what is returned is disposed of.</summary>
    public static async Task<RunningTrace> TraceAsync(this RestApi api, object what) =>
        new(api, (await api.PostAsync("/v1/traces", what)).Expect(HttpStatusCode.Created));
}
