using System.Globalization;
using System.Text;
using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Floor;

/// <summary>
/// The control connection: reads command lines, holds those that the batch has no room for, and answers each with
/// <c>{first messageId} {targeted} {written}</c> once all of its messages are written.
/// </summary>
internal sealed class FloorControl(int descriptor)
{
    private readonly byte[] _lines = new byte[64 * 1024];
    private readonly StringBuilder _answers = new();
    private int _linesBytes;
    private FloorCommand _current;
    private long _currentMessageId;
    private int _currentTaken;

    public int Descriptor { get; } = descriptor;

    /// <summary>Reads what is there; false when the other side has closed.</summary>
    public bool TryReceive()
    {
        var received = RawSocket.ReceiveWaiting(Descriptor, _lines.AsSpan(_linesBytes));
        _linesBytes += Math.Max(received, 0);
        return received != 0;
    }

    /// <summary>Moves waiting commands into the batch until there are none or it is full.</summary>
    public void FillBatch(FloorBatch batch, int connections)
    {
        while (_currentTaken < _current.Count || TryTakeLine(batch))
        {
            while (_currentTaken < _current.Count)
            {
                if (!batch.TryAdd(_current.Qos, _current.PayloadBytes))
                {
                    return;
                }

                _currentTaken++;
            }

            _answers.Append(CultureInfo.InvariantCulture, $"{_currentMessageId} {connections} {connections}\n");
        }
    }

    /// <summary>Answers the commands whose last message is written.</summary>
    public void Answer()
    {
        if (_answers.Length > 0)
        {
            RawSocket.SendAll(Descriptor, Encoding.ASCII.GetBytes(_answers.ToString()));
            _answers.Clear();
        }
    }

    private bool TryTakeLine(FloorBatch batch)
    {
        var end = _lines.AsSpan(0, _linesBytes).IndexOf((byte)'\n');
        if (end < 0)
        {
            return false;
        }

        if (!FloorCommand.TryParse(_lines.AsSpan(0, end), out _current))
        {
            throw new InvalidDataException("The floor was sent a command that it does not know.");
        }

        _lines.AsSpan(end + 1, _linesBytes - end - 1).CopyTo(_lines);
        _linesBytes -= end + 1;
        _currentTaken = 0;
        _currentMessageId = batch.NextMessageId;
        return true;
    }
}
