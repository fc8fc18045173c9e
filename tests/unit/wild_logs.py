"""Logs as people paste them: for each the text, and what has to be read from it.

"train", "val", "train_score", "val_score": the values, None for nan; "x": the epochs of the training
loss, else of the validation loss or score; "val_x": those of the validation loss; "notes": words that
the notes hold; "names": the columns that are given.
"""

# ruff: noqa: E501  lines of logs are long

BOLD = "\x1b[1m"
PLAIN = "\x1b[0m"
BLOCKS = "━" * 20

WILD = {
    "keras verbose 2": {
        "text": """Train on 400 samples, validate on 200 samples
Epoch 1/3
 - 0s - loss: 0.8578 - acc: 0.4550 - val_loss: 0.8033 - val_acc: 0.5200
Epoch 2/3
 - 0s - loss: 7.125e-01 - acc: 0.4525 - val_loss: 0.7701 - val_acc: 0.5450
Epoch 3/3
 - 0s - loss: 0.6125 - acc: 0.5525 - val_loss: nan - val_acc: 0.5450
""",
        "train": [0.8578, 0.7125, 0.6125],
        "val": [0.8033, 0.7701, None],
        "val_score": [0.52, 0.545, 0.545],
        "x": [1, 2, 3],
        "format": "Keras progress bar",
        "notes": ["not finite in 1 of 3"],
    },
    "keras 3 verbose 2": {
        "text": """Epoch 1/15
25/25 - 1s - 41ms/step - accuracy: 0.4550 - loss: 0.8578 - val_accuracy: 0.5200 - val_loss: 0.80
Epoch 2/15
25/25 - 0s - 4ms/step - accuracy: 0.5550 - loss: 0.7578 - val_accuracy: 0.6200 - val_loss: 0.70
Epoch 3/15
""",
        "train": [0.8578, 0.7578],
        "val": [0.8, 0.7],
        "train_score": [0.455, 0.555],
        "x": [1, 2],
        "notes": ["ends in epoch 3 without its numbers"],
    },
    "keras bar with carriage returns": {
        "text": "Epoch 1/2\n"
        "\r 1/25 [>.....................] - ETA: 1s - loss: 0.9990 - accuracy: 0.2000"
        "\r13/25 [=========>............] - ETA: 0s - loss: 0.9000 - accuracy: 0.3000"
        "\r25/25 [======================] - 0s 9ms/step - loss: 0.8000 - accuracy: 0.4000"
        " - val_loss: 0.7000 - val_accuracy: 0.5000\nEpoch 2/2\n"
        "\r 1/25 [>.....................] - ETA: 1s - loss: 0.7990 - accuracy: 0.5000"
        "\r25/25 [======================] - 0s 9ms/step - loss: 0.6000 - accuracy: 0.6000"
        " - val_loss: 0.6500 - val_accuracy: 0.5500\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "train_score": [0.4, 0.6],
        "x": [1, 2],
    },
    "keras bar with backspaces": {
        "text": "Epoch 1/2\n 32/400 [=>....] - ETA: 1s - loss: 0.9990\b\b\b\b\b\b\b\b\b\b\b\b\b"
        "\r400/400 [======] - 0s 93us/sample - loss: 0.8000 - val_loss: 0.7000\n"
        "Epoch 2/2\n400/400 [======] - 0s 93us/sample - loss: 0.6000 - val_loss: 0.6500\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
    },
    "keras 3 bar, every step on a line": {
        "text": f"Epoch 1/2\n{BOLD} 1/25{PLAIN} {BLOCKS} {BOLD}1s{PLAIN} 40ms/step - loss: 0.9\n"
        f"{BOLD}25/25{PLAIN} {BLOCKS} {BOLD}1s{PLAIN} 12ms/step - loss: 0.8 - val_loss: 0.7\n"
        f"Epoch 2/2\n{BOLD} 1/25{PLAIN} {BLOCKS} {BOLD}1s{PLAIN} 40ms/step - loss: 0.7\n"
        f"{BOLD}25/25{PLAIN} {BLOCKS} {BOLD}1s{PLAIN} 12ms/step - loss: 0.6 - val_loss: 0.65\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
    },
    "keras 3 bar whose escapes were lost": {
        "text": "Epoch 1/2\n[1m25/25[0m [32m━━━━[0m[37m[0m [1m1s[0m 12ms/step - loss: 0.8 - val_loss: 0.7\n"
        "Epoch 2/2\n[1m25/25[0m [32m━━━━[0m[37m[0m [1m1s[0m 12ms/step - loss: 0.6 - val_loss: 0.65\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
    },
    "keras with checkpoint lines": {
        "text": """Epoch 1/3
25/25 [==============================] - 0s 9ms/step - loss: 0.8 - val_loss: 0.7
Epoch 00001: val_loss improved from inf to 0.70000, saving model to weights.01-0.70.h5
Epoch 2/3
25/25 [==============================] - 0s 9ms/step - loss: 0.6 - val_loss: 0.75
Epoch 00002: val_loss did not improve from 0.70000
Restoring model weights from the end of the best epoch: 1.
Epoch 00002: early stopping
""",
        "train": [0.8, 0.6],
        "val": [0.7, 0.75],
        "x": [1, 2],
        "notes": ["ends at epoch 2 of 3"],
    },
    "own print with commas": {
        "text": "Epoch 1: loss 0.6, val 0.7\nEpoch 2: loss 0.5, val 0.6\nEpoch 3: loss 0.4, val 0.5\n",
        "train": [0.6, 0.5, 0.4],
        "val": [0.7, 0.6, 0.5],
        "x": [1, 2, 3],
        "format": "log file",
    },
    "own print with bars and a test score": {
        "text": "epoch: 1 | train loss 0.6 | valid loss 0.7 | test acc 0.6\n"
        "epoch: 2 | train loss 0.5 | valid loss 0.6 | test acc 0.7\n"
        "epoch: 3 | train loss 0.4 | valid loss 0.5 | test acc 0.8\n",
        "train": [0.6, 0.5, 0.4],
        "val": [0.7, 0.6, 0.5],
        "val_score": None,
        "notes": ["Test values were left out: “test acc”"],
    },
    "own print with brackets": {
        "text": "Epoch [1/50], Loss: 0.6123, Val Loss: 0.7\nEpoch [2/50], Loss: 0.5123, Val Loss: 0.6\n",
        "train": [0.6123, 0.5123],
        "val": [0.7, 0.6],
        "x": [1, 2],
        "notes": ["ends at epoch 2 of 50"],
    },
    "pytorch transfer tutorial": {
        "text": """Epoch 0/1
----------
train Loss: 0.6123 Acc: 0.6803
val Loss: 0.3001 Acc: 0.8824

Epoch 1/1
----------
train Loss: 0.5123 Acc: 0.7803
val Loss: 0.2001 Acc: 0.9024

Training complete in 1m 8s
Best val Acc: 0.902400
""",
        "train": [0.6123, 0.5123],
        "val": [0.3001, 0.2001],
        "train_score": [0.6803, 0.7803],
        "val_score": [0.8824, 0.9024],
        "x": [0, 1],
    },
    "pytorch quickstart": {
        "text": """Epoch 1
-------------------------------
loss: 2.303494  [   64/60000]
loss: 2.294637  [ 6464/60000]
Test Error:
 Accuracy: 40.7%, Avg loss: 2.158909

Epoch 2
-------------------------------
loss: 2.167463  [   64/60000]
loss: 2.160417  [ 6464/60000]
Test Error:
 Accuracy: 55.5%, Avg loss: 1.889283

Done!
""",
        "train": [2.2990655, 2.16394],
        "val": [2.158909, 1.889283],
        "val_score": [0.407, 0.555],
        "is_batch": True,
        "notes": ["No validation", "single batches", "percent"],
    },
    "pytorch mnist example": {
        "text": """Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.282550
Train Epoch: 1 [640/60000 (1%)]\tLoss: 1.384441

Test set: Average loss: 0.0456, Accuracy: 9850/10000 (98%)

Train Epoch: 2 [0/60000 (0%)]\tLoss: 0.382550
Train Epoch: 2 [640/60000 (1%)]\tLoss: 0.284441

Test set: Average loss: 0.0356, Accuracy: 9900/10000 (99%)
""",
        "train": [1.8334955, 0.3334955],
        "val": [0.0456, 0.0356],
        "val_score": [0.985, 0.99],
    },
    "pytorch cifar tutorial": {
        "text": "[1,  2000] loss: 2.171\n[1,  4000] loss: 1.854\n[2,  2000] loss: 1.5\n[2,  4000] loss: 1.4\n"
        "[3,  2000] loss: 1.3\n[3,  4000] loss: 1.2\nFinished Training\n",
        "train": [2.0125, 1.45, 1.25],
        "val": None,
        "x": [1, 2, 3],
    },
    "imagenet example": {
        "text": """Epoch: [0][   1/5005]\tTime  0.5 ( 0.5)\tLoss 6.9 (6.9)\tAcc@1   0.00 (  0.00)
Epoch: [0][5000/5005]\tTime  0.5 ( 0.5)\tLoss 4.0 (5.5)\tAcc@1  20.00 ( 10.00)
 * val loss 4.5 Acc@1 18.2
Epoch: [1][   1/5005]\tTime  0.5 ( 0.5)\tLoss 3.9 (3.9)\tAcc@1  30.00 ( 30.00)
Epoch: [1][5000/5005]\tTime  0.5 ( 0.5)\tLoss 3.0 (3.5)\tAcc@1  40.00 ( 32.00)
 * val loss 3.25 Acc@1 35.2
""",
        "train": [5.5, 3.5],
        "val": [4.5, 3.25],
        "train_score": [0.1, 0.32],
        "val_score": [0.182, 0.352],
        "x": [0, 1],
    },
    "nanogpt": {
        "text": """step 0: train loss 4.2874, val loss 4.2823
iter 0: loss 4.2654, time 30ms, mfu -100.00%
iter 10: loss 3.1461, time 31ms, mfu 7.00%
step 250: train loss 1.9699, val loss 2.0722
iter 250: loss 2.0, time 31ms, mfu 7.00%
step 500: train loss 1.5, val loss 1.7
""",
        "train": [4.2874, 1.9699, 1.5],
        "val": [4.2823, 2.0722, 1.7],
        "x": [0, 250, 500],
        "notes": ["Not used: “loss”"],
    },
    "hugging face console": {
        "text": """{'loss': 0.6931, 'grad_norm': 1.2, 'learning_rate': 5e-05, 'epoch': 0.5}
{'loss': 0.6, 'grad_norm': 1.2, 'learning_rate': 4e-05, 'epoch': 1.0}
{'eval_loss': 0.55, 'eval_accuracy': 0.7, 'eval_runtime': 1.2, 'epoch': 1.0}
{'loss': 0.5, 'grad_norm': 1.2, 'learning_rate': 3e-05, 'epoch': 1.5}
{'loss': 0.4, 'grad_norm': 1.2, 'learning_rate': 2e-05, 'epoch': 2.0}
{'eval_loss': 0.5, 'eval_accuracy': 0.75, 'eval_runtime': 1.2, 'epoch': 2.0}
{'train_runtime': 20.5, 'train_samples_per_second': 19.5, 'train_loss': 0.5483, 'epoch': 2.0}
""",
        "train": [0.6931, 0.6, 0.5, 0.4],
        "val": [0.55, 0.5],
        "val_score": [0.7, 0.75],
        "x": [0.5, 1, 1.5, 2],
        "format": "Hugging Face console",
    },
    "hugging face model card": {
        "text": """| Training Loss | Epoch | Step | Validation Loss | Accuracy |
|:-------------:|:-----:|:----:|:---------------:|:--------:|
| No log        | 1.0   | 50   | 0.6             | 0.7      |
| 0.65          | 2.0   | 100  | 0.5             | 0.75     |
| 0.45          | 3.0   | 150  | 0.55            | 0.74     |
""",
        "train": [0.65, 0.45],
        "val": [0.6, 0.5, 0.55],
        "val_score": [0.7, 0.75, 0.74],
        "x": [2, 3],
        "format": "Markdown table",
    },
    "hugging face notebook table": {
        "text": "Epoch\tTraining Loss\tValidation Loss\tF1\n1\tNo log\t0.6\t0.7\n2\t0.65\t0.5\t0.75\n",
        "train": [0.65],
        "val": [0.6, 0.5],
        "val_score": [0.7, 0.75],
    },
    "xgboost log": {
        "text": "[0]\ttrain-logloss:0.65\tvalidation-logloss:0.66\n"
        "[1]\ttrain-logloss:0.55\tvalidation-logloss:0.60\n"
        "[2]\ttrain-logloss:0.45\tvalidation-logloss:0.58\n",
        "train": [0.65, 0.55, 0.45],
        "val": [0.66, 0.6, 0.58],
        "x": [0, 1, 2],
        "format": "XGBoost log",
    },
    "xgboost evals_result": {
        "text": '{"validation_0": {"logloss": [0.6, 0.5], "auc": [0.8, 0.9]},'
        ' "validation_1": {"logloss": [0.65, 0.6], "auc": [0.7, 0.75]}}',
        "train": [0.6, 0.5],
        "val": [0.65, 0.6],
        "train_score": [0.8, 0.9],
        "val_score": [0.7, 0.75],
        "format": "XGBoost evals_result",
        "notes": ["first was read as training"],
    },
    "lightgbm log": {
        "text": """[LightGBM] [Info] Number of positive: 212, number of negative: 357
Training until validation scores don't improve for 20 rounds
[10]\ttraining's binary_logloss: 0.4\tvalid_1's binary_logloss: 0.45
[20]\ttraining's binary_logloss: 0.3\tvalid_1's binary_logloss: 0.40
Early stopping, best iteration is:
[15]\ttraining's binary_logloss: 0.35\tvalid_1's binary_logloss: 0.39
""",
        "train": [0.4, 0.3],
        "val": [0.45, 0.4],
        "x": [10, 20],
        "format": "LightGBM log",
    },
    "catboost log": {
        "text": "0:\tlearn: 0.65\ttest: 0.66\tbest: 0.66 (0)\ttotal: 46.4ms\tremaining: 4.6s\n"
        "1:\tlearn: 0.60\ttest: 0.63\tbest: 0.63 (1)\ttotal: 48.4ms\tremaining: 4.5s\n",
        "train": [0.65, 0.6],
        "val": [0.66, 0.63],
        "x": [0, 1],
        "notes": ["No validation"],
    },
    "lightning bar": {
        "text": "Epoch 0: 100%|██████████| 25/25 [00:01<00:00, 20.13it/s, v_num=3, train_loss=0.6, val_loss=0.7]\n"
        "Epoch 1: 100%|██████████| 25/25 [00:01<00:00, 20.13it/s, v_num=3, train_loss=0.5, val_loss=0.6]\n",
        "train": [0.6, 0.5],
        "val": [0.7, 0.6],
        "x": [0, 1],
        "format": "tqdm progress bar",
    },
    "weights and biases": {
        "text": '"Step","misty-sea-3 - val_loss","misty-sea-3 - val_loss__MIN","misty-sea-3 - val_loss__MAX"\n'
        '"0","0.7","0.7","0.7"\n"1","0.6","0.6","0.6"\n"2","0.65","0.65","0.65"\n',
        "train": None,
        "val": [0.7, 0.6, 0.65],
        "x": [0, 1, 2],
        "format": "Weights & Biases CSV",
    },
    "weights and biases, two runs": {
        "text": '"Step","a - val_loss","b - val_loss"\n"0","0.7","0.9"\n"1","0.6","0.8"\n',
        "val": [0.9, 0.8],
        "notes": ["2 runs", "“b”"],
    },
    "semicolons and decimal commas": {
        "text": "Epoche;loss;val_loss;val_accuracy\n1;0,80;0,70;53,1%\n2;0,60;0,65;59,86%\n",
        "names": {"epoch": "Epoche"},
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "val_score": [0.531, 0.5986],
        "x": [1, 2],
    },
    "tabs": {
        "text": "epoch\tloss\tval_loss\n0\t0.8\t0.7\n1\t0.6\t0.65\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "x": [0, 1],
    },
    "byte order mark, carriage returns, blank lines": {
        "text": "\ufeffepoch,loss,val_loss\r\n\r\n0,0.8,0.7\r\n\r\n1,0.6,0.65\r\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "format": "Keras CSVLogger",
    },
    "markdown, no epochs": {
        "text": "| loss | val_loss |\n|---|---|\n| 0.8 | 0.7 |\n| 0.6 | 0.65 |\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "x": [1, 2],
        "notes": ["counted from 1"],
    },
    "lightning, training on steps, several validations": {
        "text": "epoch,step,train_loss,val_loss\n0,49,0.9,\n0,99,0.8,\n0,99,,0.7\n0,149,0.7,\n0,199,0.6,\n"
        "0,199,,0.65\n",
        "train": [0.9, 0.8, 0.7, 0.6],
        "val": [0.7, 0.65],
        "x": [49, 99, 149, 199],
        "notes": ["positions are those of “step”"],
    },
    "lightning, single batches": {
        "text": "epoch,step,test_acc,test_loss,train_loss_step,val_loss\n"
        "0,49,,,0.9,\n0,99,,,0.8,\n0,99,,,,0.7\n1,149,,,0.7,\n1,199,,,0.6,\n1,199,,,,0.65\n"
        "2,200,0.8,0.66,,\n",
        "train": [0.85, 0.65],
        "val": [0.7, 0.65],
        "x": [0, 1],
        "is_batch": True,
        "notes": ["Test values were left out", "single batches"],
    },
    "two runs in one file": {
        "text": "epoch,loss,val_loss\n0,0.9,0.9\n1,0.8,0.8\n2,0.7,0.7\n0,0.8,0.7\n1,0.6,0.65\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "x": [0, 1],
        "notes": ["2 runs one after another; read was the last"],
    },
    "two runs, header repeated": {
        "text": "epoch,loss,val_loss\n0,0.9,0.9\n1,0.8,0.8\nepoch,loss,val_loss\n0,0.8,0.7\n1,0.6,0.65\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "notes": ["2 runs"],
    },
    "resumed from epoch 39": {
        "text": "epoch,loss,val_loss\n39,0.8,0.7\n40,0.6,0.65\n41,0.5,0.6\n",
        "train": [0.8, 0.6, 0.5],
        "x": [39, 40, 41],
        "notes": ["begins at epoch 39"],
    },
    "resumed after a crash": {
        "text": "epoch,loss,val_loss\n0,0.9,0.9\n1,0.8,0.8\n2,0.75,0.75\n1,0.81,0.82\n2,0.7,0.7\n3,0.6,0.6\n",
        "train": [0.9, 0.81, 0.7, 0.6],
        "x": [0, 1, 2, 3],
        "notes": ["goes back to epoch 1"],
    },
    "holes": {
        "text": "epoch,loss,val_loss\n0,0.9,0.9\n1,0.8,0.8\n2,0.75,0.75\n7,0.7,0.7\n8,0.6,0.6\n",
        "x": [0, 1, 2, 7, 8],
        "notes": ["missing in 1 place"],
    },
    "validation not run every epoch": {
        "text": "epoch,loss,val_loss,val_acc\n"
        + "".join(
            f"{e},{0.9 - 0.05 * e:.4f},{0.9 - 0.1 * (e // 3):.4f},{0.5 + 0.1 * (e // 3):.2f}\n"
            for e in range(12)
        ),
        "val": [0.9, 0.8, 0.7, 0.6],
        "val_score": [0.5, 0.6, 0.7, 0.8],
        "notes": ["repeats its value for 3 epochs"],
    },
    "several losses without a total": {
        "text": "epoch,train_kl_loss,train_rec_loss,val_kl_loss,val_rec_loss\n1,0.5,1,0.25,2\n2,0.25,1,0.25,1\n",
        "train": [1.5, 1.25],
        "val": [2.25, 1.25],
        "notes": ["sum of “train_kl_loss”, “train_rec_loss”"],
    },
    "several losses and a total": {
        "text": "epoch,loss,a_loss,b_loss,val_loss,val_a_loss,val_b_loss\n0,3,1,2,4,2,2\n1,2,1,1,3,1,2\n",
        "train": [3, 2],
        "val": [4, 3],
        "notes": ["Not used: “a_loss”, “b_loss”, “val_a_loss”, “val_b_loss”"],
    },
    "validation metric only": {
        "text": "epoch,val_dice\n1,0.5\n2,0.6\n3,0.7\n",
        "train": None,
        "val": None,
        "val_score": [0.5, 0.6, 0.7],
        "x": [1, 2, 3],
    },
    "test score in place of validation": {
        "text": "Epoch,Train Loss,Train Acc,Test Acc\n1,0.8,60,55\n2,0.7,70,60\n3,0.6,80,61\n",
        "train": [0.8, 0.7, 0.6],
        "train_score": [0.6, 0.7, 0.8],
        "val_score": [0.55, 0.6, 0.61],
        "notes": ["“Test Acc” stands in for it", "percent"],
    },
    "regression, lower is better": {
        "text": "epoch,loss,mae,val_loss,val_mae\n0,4,1.5,5,1.75\n1,3,1.25,4,1.5\n",
        "train_score": [1.5, 1.25],
        "val_score": [1.75, 1.5],
        "higher": False,
    },
    "camel case, padded": {
        "text": " Epoch , TrainLoss , ValLoss \n 1 , 0.8 , 0.7 \n 2 , 0.6 , 0.65 \n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "x": [1, 2],
    },
    "python dict": {
        "text": "{'loss': [0.8, np.float64(0.6), nan], 'val_loss': [0.7, 0.65, None],"
        " 'accuracy': [array(0.5, dtype=float32), 0.5, 0.5],}",
        "train": [0.8, 0.6, None],
        "val": [0.7, 0.65],
        "train_score": [0.5, 0.5, 0.5],
        "format": "dict",
    },
    "phases as keys": {
        "text": '{"train": {"loss": [0.8, 0.6], "acc": [0.5, 0.6]}, "val": {"loss": [0.7, 0.65],'
        ' "acc": [0.4, 0.5]}, "config": {"lr": 0.1, "name": "x"}}',
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "train_score": [0.5, 0.6],
        "val_score": [0.4, 0.5],
    },
    "validation every fifth epoch, as lists": {
        "text": '{"loss": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "val_loss": [0.75, 0.5]}',
        "val": [0.75, 0.5],
        "val_x": [3, 6],
        "notes": ["shorter by a whole factor"],
    },
    "lists of unequal length": {
        "text": '{"loss": [0.9, 0.8, 0.7, 0.6, 0.5], "val_loss": [0.75, 0.5, 0.4]}',
        "val": [0.75, 0.5, 0.4],
        "val_x": [1, 2, 3],
        "notes": ["has 5 values, the validation loss 3"],
    },
    "json lines": {
        "text": '{"epoch": 1, "train_loss": 0.8, "val_loss": 0.7}\n{"epoch": 2, "train_loss": 0.6, "val_loss": null}\n'
        '{"epoch": 3, "train_loss": 0.5, "val_loss": 0.6}\n',
        "train": [0.8, 0.6, 0.5],
        "val": [0.7, 0.6],
        "x": [1, 2, 3],
    },
    "json of a data frame": {
        "text": '{"loss":{"0":0.8,"1":0.6},"val_loss":{"0":0.7,"1":0.65}}',
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
    },
    "list of losses": {
        "text": "[0.9, 0.8,\n 0.7]",
        "train": [0.9, 0.8, 0.7],
        "val": None,
    },
    "tensors in a csv": {
        "text": "epoch,loss,val_loss\n0,tensor(0.8),\"tensor(0.7, device='cuda:0')\"\n1,tensor(0.6),\"tensor(0.65, device='cuda:0')\"\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
    },
    "an accuracy named loss": {
        "text": "epoch,loss,val_loss\n0,0.4,0.3\n1,0.6,0.5\n2,0.8,0.6\n3,0.9,0.65\n",
        "train": [0.4, 0.6, 0.8, 0.9],
        "notes": ["Is it an accuracy"],
    },
    "a last line cut short": {
        "text": "epoch,loss,val_loss\n0,0.8,0.7\n1,0.6,0.65\n2,0.5",
        "train": [0.8, 0.6, 0.5],
        "val": [0.7, 0.65],
    },
    "one epoch": {"text": "epoch,loss,val_loss\n0,0.8,0.7\n", "train": [0.8], "val": [0.7]},
    "infinite": {
        "text": "epoch,loss,val_loss\n0,0.8,0.7\n1,inf,-Infinity\n2,NaN,nan\n",
        "train": [0.8, float("inf"), None],
        "val": [0.7, float("-inf"), None],
    },
    "yolo's order of scores": {
        "text": "epoch,train/box_loss,train/cls_loss,metrics/precision(B),metrics/mAP50(B),metrics/mAP50-95(B),"
        "val/box_loss,val/cls_loss,lr/pg0\n1,1,1,0.1,0.2,0.05,2,1,0.01\n2,1,0.5,0.2,0.3,0.1,1,1,0.01\n",
        "train": [2, 1.5],
        "val": [3, 2],
        "val_score": [0.2, 0.3],
        "format": "YOLO results.csv",
    },
    "hostile names": {
        "text": "epoch,loss,val_loss,__proto__,constructor,<img src=x onerror=alert(1)>,=cmd()\n"
        "0,0.8,0.7,1,2,3,=1+1\n1,0.6,0.65,1,2,3,=HYPERLINK(1)\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "notes": ["“__proto__”", "“<img src=x onerror=alert(1)>”"],
    },
    "hostile keys": {
        "text": '{"__proto__": {"loss": [9, 9]}, "constructor": [1, 2], "loss": [0.8, 0.6],'
        ' "val_loss": [0.7, 0.65], "toString": [1, 2]}',
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
    },
    "null characters within": {
        "text": "epoch,loss,val_loss\n0,0.8,0.7\n1,0.6,0.6\x005\n"
        + "".join(f"{e},0.5,0.5\n" for e in range(2, 60)),
        "val": [0.7, 0.65] + [0.5] * 58,
    },
    "a very long line": {
        "text": "epoch,loss,val_loss\n0,0.8,0.7\n" + "x" * 200_000 + "\n1,0.6,0.65\n",
        "train": [0.8, 0.6],
        "notes": ["Lines of more than 100,000 characters, left out: 1"],
    },
    "descending": {
        "text": "epoch,loss,val_loss\n3,0.5,0.6\n2,0.6,0.65\n1,0.8,0.7\n",
        "train": [0.8, 0.6, 0.5],
        "x": [1, 2, 3],
        "notes": ["were sorted"],
    },
    "log prefix with colors": {
        "text": "\x1b[32m[2026-03-01 10:00:00,123][INFO]\x1b[0m - epoch 1 train: loss 0.8, acc 50.5% val: loss 0.7, acc 45.5%\n"
        "\x1b[32m[2026-03-01 10:00:09,456][INFO]\x1b[0m - epoch 2 train: loss 0.6, acc 60.5% val: loss 0.65, acc 55.5%\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "train_score": [0.505, 0.605],
        "val_score": [0.455, 0.555],
        "x": [1, 2],
    },
    "rows of training and validation": {
        "text": "epoch,split,loss,acc\n1,train,0.8,0.5\n1,val,0.9,0.4\n2,train,0.7,0.6\n2,val,0.8,0.5\n",
        "train": [0.8, 0.7],
        "val": [0.9, 0.8],
        "train_score": [0.5, 0.6],
        "val_score": [0.4, 0.5],
        "x": [1, 2],
        "notes": ["told apart by “split”"],
    },
    "records of training and validation": {
        "text": '{"mode": "train", "epoch": 1, "iter": 50, "loss": 0.8}\n{"mode": "val", "epoch": 1, "loss": 0.9, "bbox_mAP": 0.3}\n'
        '{"mode": "train", "epoch": 2, "iter": 50, "loss": 0.7}\n{"mode": "val", "epoch": 2, "loss": 0.85, "bbox_mAP": 0.4}\n',
        "train": [0.8, 0.7],
        "val": [0.9, 0.85],
        "val_score": [0.3, 0.4],
        "format": "JSON lines",
        "notes": ["told apart by “mode”"],
    },
    "a dict of epochs": {
        "text": '{"epoch_9": {"loss": 0.8, "val_loss": 0.9}, "epoch_10": {"loss": 0.7, "val_loss": 0.85}}',
        "train": [0.8, 0.7],
        "val": [0.9, 0.85],
        "x": [9, 10],
    },
    "records under a name": {
        "text": '{"model": "a", "results": [{"epoch": 1, "loss": 0.8, "val": {"loss": 0.9}}, {"epoch": 2, "loss": 0.7, "val": {"loss": 0.85}}]}',
        "train": [0.8, 0.7],
        "val": [0.9, 0.85],
    },
    "one record": {
        "text": '{"epoch": 3, "training_loss": 0.5, "validation_loss": 0.6}',
        "train": [0.5],
        "val": [0.6],
        "x": [3],
    },
    "json lines with nan, the last cut short": {
        "text": '{"epoch": 1, "loss": 0.8, "val_loss": 0.9}\n{"epoch": 2, "loss": NaN, "val_loss": NaN}\n{"epoch": 3, "lo',
        "train": [0.8, None],
        "format": "JSON lines",
    },
    "decimal commas in a log": {
        "text": "Epoche 1 Epoch 1/2: loss: 0,8123, val_loss: 0,7\nEpoch 2/2: loss: 0,6123, val_loss: 0,65\n",
        "train": [0.8123, 0.6123],
        "val": [0.7, 0.65],
        "x": [1, 2],
        "notes": ["Decimal commas"],
    },
    "decimal commas in quotes": {
        "text": 'epoch,loss,val_loss\n1,"0,8","0,7123"\n2,"0,6","0,6512"\n',
        "train": [0.8, 0.6],
        "val": [0.7123, 0.6512],
    },
    "percent in the name": {
        "text": "epoch,loss,val_loss,val_acc (%)\n1,0.8,0.7,0.5\n2,0.6,0.65,1.0\n",
        "val_score": [0.005, 0.01],
    },
    "lightning, one batch an epoch": {
        "text": "epoch,step,train_loss,val_loss\n0,49,0.9,\n0,59,,0.7\n1,99,0.7,\n1,119,,0.65\n",
        "train": [0.9, 0.7],
        "is_batch": True,
        "notes": ["single batches"],
    },
    "lightning, validation every other epoch": {
        "text": "epoch,step,train_loss,val_loss\n0,9,0.9,\n1,19,,0.7\n1,19,0.8,\n2,29,0.7,\n3,39,,0.65\n3,39,0.6,\n",
        "train": [0.9, 0.8, 0.7, 0.6],
        "val": [0.7, 0.65],
        "val_x": [1, 3],
        "is_batch": False,
    },
    "yolo 5": {
        "text": "               epoch,      train/box_loss,      train/obj_loss,         metrics/mAP_0.5,        val/box_loss,        val/obj_loss,               x/lr0\n"
        "                   0,                 0.1,                 0.2,                     0.3,                0.25,                 0.5,                 0.1\n"
        "                   1,                0.05,                 0.2,                     0.4,                0.25,                0.25,                 0.1\n",
        "train": [0.3, 0.25],
        "val": [0.75, 0.5],
        "val_score": [0.3, 0.4],
        "format": "YOLO results.csv",
    },
    "torchtext tutorial": {
        "text": "Epoch: 01 | Epoch Time: 0m 13s\n\tTrain Loss: 0.652 | Train Acc: 61.16%\n\t Val. Loss: 0.570 |  Val. Acc: 72.01%\n"
        "Epoch: 02 | Epoch Time: 0m 13s\n\tTrain Loss: 0.552 | Train Acc: 71.16%\n\t Val. Loss: 0.470 |  Val. Acc: 78.01%\n",
        "train": [0.652, 0.552],
        "val": [0.57, 0.47],
        "train_score": [0.6116, 0.7116],
        "val_score": [0.7201, 0.7801],
        "x": [1, 2],
    },
    "ignite": {
        "text": "Training Results - Epoch: 1  Avg accuracy: 0.98 Avg loss: 0.06\nValidation Results - Epoch: 1  Avg accuracy: 0.97 Avg loss: 0.10\n"
        "Training Results - Epoch: 2  Avg accuracy: 0.99 Avg loss: 0.05\nValidation Results - Epoch: 2  Avg accuracy: 0.975 Avg loss: 0.09\n",
        "train": [0.06, 0.05],
        "val": [0.10, 0.09],
        "val_score": [0.97, 0.975],
        "x": [1, 2],
    },
    "scikit-learn, verbose": {
        "text": "Iteration 1, loss = 1.20000000\nValidation score: 0.500000\nIteration 2, loss = 1.10000000\nValidation score: 0.600000\n"
        "Validation score did not improve more than tol=0.000100 for 10 consecutive epochs. Stopping.\n",
        "train": [1.2, 1.1],
        "val_score": [0.5, 0.6],
        "x": [1, 2],
    },
    "drawn table": {
        "text": "┏━━━━━━━┳━━━━━━┳━━━━━━━━━━┓\n┃ epoch ┃ loss ┃ val_loss ┃\n┡━━━━━━━╇━━━━━━╇━━━━━━━━━━┩\n│ 1     │ 0.8  │ 0.7      │\n│ 2     │ 0.6  │ 0.65     │\n"
        "└───────┴──────┴──────────┘\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "x": [1, 2],
    },
    "sentences": {
        "text": "In epoch 1 the training loss was 0.8, the validation loss was 0.7.\nIn epoch 2 the training loss was 0.6, the validation loss was 0.65.\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "x": [1, 2],
    },
    "hugging face state with the mean of the whole training": {
        "text": '{"log_history": [{"epoch": 1.0, "loss": 0.8, "step": 9}, {"epoch": 1.0, "eval_loss": 0.7, "step": 9},'
        ' {"epoch": 2.0, "loss": 0.6, "step": 18}, {"epoch": 2.0, "eval_loss": 0.65, "step": 18},'
        ' {"epoch": 2.0, "step": 18, "train_loss": 0.7, "train_runtime": 9.5}]}',
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "notes": ["mean of the whole training"],
    },
    "two metrics, the validation one in percent": {
        "text": "epoch,loss,acc,val_loss,val_acc\n1,0.8,0.55,0.9,50\n2,0.7,0.65,0.8,60\n",
        "train_score": [0.55, 0.65],
        "val_score": [0.5, 0.6],
    },
    "few percent": {
        "text": "epoch,loss,acc,val_loss,val_acc\n1,4.6,0.9,4.6,1.1\n2,4.5,1.0,4.5,2.1\n",
        "train_score": [0.009, 0.01],
        "val_score": [0.011, 0.021],
    },
    "no epochs in a log": {
        "text": "train_loss=0.8 val_loss=0.7\ntrain_loss=0.6 val_loss=0.65\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "x": [1, 2],
    },
    "mmengine, a phase at the epoch": {
        "text": "05/01 10:00:00 - mmengine - INFO - Epoch(train)  [1][50/50]  lr: 1.0e-02  eta: 0:10:00  time: 0.2  loss: 0.8\n"
        "05/01 10:00:09 - mmengine - INFO - Epoch(val)  [1][20/20]  loss: 0.7  acc: 0.5\n"
        "05/01 10:01:00 - mmengine - INFO - Epoch(train)  [2][50/50]  lr: 1.0e-02  eta: 0:09:00  time: 0.2  loss: 0.6\n"
        "05/01 10:01:09 - mmengine - INFO - Epoch(val)  [2][20/20]  loss: 0.65  acc: 0.6\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "val_score": [0.5, 0.6],
        "x": [1, 2],
    },
    "Lightning's bar, losses of epochs and steps": {
        "text": "Epoch 0: 100%|███| 422/422 [00:05<00:00, 80.11it/s, v_num=3, train_loss_step=0.9, val_loss=0.7, train_loss_epoch=0.8]\n"
        "Epoch 1: 100%|███| 422/422 [00:05<00:00, 80.11it/s, v_num=3, train_loss_step=0.5, val_loss=0.65, train_loss_epoch=0.6]\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
        "x": [0, 1],
    },
    "a number of more than 120 digits is none": {
        "text": f"epoch,loss,val_loss\n1,0.8,0.7{'1' * 200}\n2,0.6,0.65\n3,0.5,0.6\n",
        "train": [0.8, 0.6, 0.5],
        "val": [0.65, 0.6],
        "val_x": [2, 3],
    },
    "thousands with commas and decimals": {
        "text": "Epoch 1: loss = 12,345.50 | val_loss = 1,020,400.25\nEpoch 2: loss = 998.20 | val_loss = 1,001.00\n",
        "train": [12345.5, 998.2],
        "val": [1020400.25, 1001.0],
    },
    "lists of tensors on a device": {
        "text": "{'train_loss': [tensor(0.9, device='cuda:0', grad_fn=<NllLossBackward0>), tensor(0.7, requires_grad=True)], "
        "'val_loss': [tensor(0.95, device='cuda:0'), tensor(0.8, device='cuda:0', dtype=torch.float64)]}",
        "train": [0.9, 0.7],
        "val": [0.95, 0.8],
    },
    "lists after their names": {
        "text": "train_losses = [0.8, 0.6,\n 0.5]\nval_losses: [0.7, 0.65, 0.6]\n",
        "train": [0.8, 0.6, 0.5],
        "val": [0.7, 0.65, 0.6],
    },
    "a list of one value a line": {
        "text": "train_loss: [0.8]\nval_loss: [0.7]\ntrain_loss: [0.6]\nval_loss: [0.65]\n",
        "train": [0.8, 0.6],
        "val": [0.7, 0.65],
    },
}
