namespace IotPlatform.Engine.Tests;

public sealed class AdmissionGrain(Board board) : Grain, IAdmissionGrain
{
    private string Key => this.GetPrimaryKeyString();

    public Task HoldAsync(string gate) => board.Gate(Key, gate).PassAsync();

    public Task HoldInterleavingAsync(string gate) => board.Gate(Key, gate).PassAsync();

    public Task HoldReadingAsync(string gate) => board.Gate(Key, gate).PassAsync();

    public Task PassAsync() => RecordAsync("pass");

    public Task PassInterleavingAsync() => RecordAsync("interleaving");

    public Task PassReadingAsync() => RecordAsync("reading");

    public Task PassSoonAsync() => RecordAsync("soon");

    public Task CallSelfAsync() => GrainFactory.GetGrain<IAdmissionGrain>(Key).PassSoonAsync();

    public Task CallInARingAsync(string otherKey) => GrainFactory.GetGrain<IAdmissionGrain>(otherKey).CallBackAsync(Key);

    public Task CallBackAsync(string callerKey) => GrainFactory.GetGrain<IAdmissionGrain>(callerKey).PassSoonAsync();

    private Task RecordAsync(string entry)
    {
        board.Journal(Key).Add(entry);
        return Task.CompletedTask;
    }
}
