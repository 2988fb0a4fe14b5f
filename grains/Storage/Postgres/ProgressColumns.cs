using IotPlatform.Devices;
using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>How far messages have come, an array a column, in the order of the table's columns.</summary>
internal sealed class ProgressColumns(int length)
{
    private readonly short[] _statuses = new short[length];
    private readonly int[] _attempts = new int[length];
    private readonly int[] _rounds = new int[length];
    private readonly long?[] _sentAt = new long?[length];
    private readonly long?[] _finishedAt = new long?[length];
    private readonly string?[] _reasons = new string?[length];
    private readonly byte[]?[] _resentAt = new byte[]?[length];
    private int _count;

    public void Add(MessageProgress progress)
    {
        var i = _count++;
        _statuses[i] = (short)progress.Status;
        _attempts[i] = progress.Attempts;
        _rounds[i] = progress.Rounds;
        _sentAt[i] = progress.SentAt is { } sentAt ? StoreTime.ToStore(sentAt) : null;
        _finishedAt[i] = progress.FinishedAt is { } finishedAt ? StoreTime.ToStore(finishedAt) : null;
        _reasons[i] = progress.Reason;
        _resentAt[i] = StoreTime.ToStore(progress.ResentAt);
    }

    public void AddTo(NpgsqlParameterCollection parameters) =>
        parameters.With(_statuses).With(_attempts).With(_rounds).With(_sentAt).With(_finishedAt).With(_reasons).With(_resentAt);
}
