using System.Collections.Immutable;
using IotPlatform.Storage;

namespace IotPlatform.StatusEvents;

/// <summary>All pushes: few, so that one grain can look after them.</summary>
internal sealed class StatusPushesGrain(StatusPushServices services) : Grain, IStatusPushesGrain
{
    public async Task<Reply<StatusPush>> CreateAsync(StatusPush push)
    {
        if (StatusPushUrl.FindRefusal(push.Url, services.Options) is { } refusal)
        {
            return refusal;
        }

        if ((await services.Store.LoadAsync()).Length >= services.Options.PushesMax)
        {
            return Refusal.ResourceExhausted($"There are {services.Options.PushesMax} pushes, which is as many as there may be: delete one.");
        }

        await services.Store.AddAsync(new StoredStatusPush(push, await services.Reader.GetEndAsync(), ParkedAt: null, Failure: null));
        await Grain(push.Id).RunAsync();
        return push;
    }

    public async Task<ImmutableArray<StatusPushView>> ListAsync()
    {
        var stored = await services.Store.LoadAsync();
        var views = await Task.WhenAll(stored.OrderBy(static push => push.Push.CreatedAt).ThenBy(static push => push.Push.Id, StringComparer.Ordinal).Select(push => Grain(push.Push.Id).GetAsync()));
        return [.. views.Where(static view => view.Value is not null).Select(static view => view.Value!)];
    }

    public async Task<Reply<StatusPush>> DeleteAsync(string id)
    {
        var stored = await services.Store.FindAsync(id);
        await services.Store.DeleteAsync(id);

        // Also of one that is not there any more: the call that deleted it may not have come this far.
        await Grain(id).EndAsync();
        return stored is null ? Refusal.NotFound($"There is no push {id}.") : stored.Push;
    }

    public async Task EnsureRunningAsync() =>
        await Task.WhenAll((await services.Store.LoadAsync()).Where(static push => push.ParkedAt is null).Select(push => Grain(push.Push.Id).RunAsync()));

    private IStatusPushGrain Grain(string id) => GrainFactory.GetGrain<IStatusPushGrain>(id);
}
